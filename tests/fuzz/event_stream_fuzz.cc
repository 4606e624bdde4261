// Any bytes as a platform's server-sent events: whole or in pieces they are the same events with the same last id, none
// is larger than its bound, and what becomes of each is one line for the server.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/utf8.h"
#include "server/client/event_stream_parser.h"
#include "server/connect/mastodon_stream.h"
#include "server/connect/platform_stream.h"
#include "tests/fuzz/pieces.h"

namespace tagswell {
namespace {

void Take(const ServerSentEvent& event, std::vector<std::string>& events) {
  Require(!event.type.empty() && event.data.size() <= EventStreamParser::kEventBytesMax);
  events.push_back(event.type + '\0' + event.data);
  const std::string envelope = MastodonEnvelope(event);
  if (envelope.empty()) return;
  StreamBatch batch;
  batch.Append(envelope);
  Require(IsValidUtf8(batch.lines) && batch.lines.find_first_of("\r\n") == batch.lines.size() - 1);
}

}  // namespace
}  // namespace tagswell

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tagswell;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  EventStreamParser whole;
  std::vector<std::string> at_once;
  const bool is_fine = whole.Feed(bytes, [&](const ServerSentEvent& event) { Take(event, at_once); });

  EventStreamParser grown;
  std::vector<std::string> in_pieces;
  std::uint32_t state = 1;
  bool was_fine = true;
  for (std::string_view left = bytes; !left.empty() && was_fine;) {
    was_fine = grown.Feed(TakePiece(left, state), [&](const ServerSentEvent& event) { Take(event, in_pieces); });
  }
  Require(is_fine == was_fine && at_once == in_pieces && whole.last_id() == grown.last_id());
  return 0;
}
