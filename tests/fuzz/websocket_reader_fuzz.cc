// Any bytes as a client's WebSocket frames: whole or in pieces they are the same events. What we send ourselves is read
// back as it was meant, once it is masked.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/utf8.h"
#include "server/net/http.h"
#include "server/net/websocket_frames.h"
#include "tests/fuzz/pieces.h"

namespace tagswell {
namespace {

using Event = WebSocketReader::Event;
constexpr std::size_t kMessageBytesMax = 4096;

// Events with what they carry, as text.
void Feed(WebSocketReader& reader, std::string_view bytes, std::vector<std::string>& events) {
  while (true) {
    const Event event = reader.Next(bytes);
    if (event == Event::kNeedMore) return Require(bytes.empty());
    std::string& said = events.emplace_back(1, static_cast<char>('0' + static_cast<int>(event)));
    switch (event) {
      case Event::kMessage: {
        const bool is_text = reader.message_is_text();
        const std::string message = reader.TakeMessage();
        Require(message.size() <= kMessageBytesMax && message.capacity() >= message.size() + kBodyPaddingBytes);
        Require(!is_text || IsValidUtf8(message));
        said += (is_text ? "t" : "b") + message;
        break;
      }
      case Event::kPing:
      case Event::kPong:
        Require(reader.control_payload().size() <= 125);
        said += reader.control_payload();
        break;
      case Event::kClose:
        said += std::to_string(static_cast<int>(reader.close_code()));
        return;
      case Event::kError:
        said += std::to_string(static_cast<int>(reader.close_code())) + reader.error();
        return;
      case Event::kNeedMore:
        break;
    }
  }
}

bool IsOver(const std::vector<std::string>& events) {
  const auto kind = [](Event event) { return static_cast<char>('0' + static_cast<int>(event)); };
  return !events.empty() && (events.back()[0] == kind(Event::kClose) || events.back()[0] == kind(Event::kError));
}

// One binary frame of `payload` under a mask of zeros.
void CheckOwnFrame(std::string_view payload) {
  std::string frame;
  AppendFrameHead(WebSocketOpcode::kBinary, payload.size(), frame);
  frame[1] = static_cast<char>(frame[1] | 0x80);
  frame.append(4, '\0');
  frame += payload;
  WebSocketReader reader(payload.size());
  std::string_view bytes = frame;
  Require(reader.Next(bytes) == Event::kMessage && bytes.empty() && reader.TakeMessage() == payload);
}

}  // namespace
}  // namespace tagswell

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tagswell;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  WebSocketReader whole(kMessageBytesMax);
  std::vector<std::string> at_once;
  Feed(whole, bytes, at_once);

  WebSocketReader grown(kMessageBytesMax);
  std::vector<std::string> in_pieces;
  std::uint32_t state = 1;
  for (std::string_view left = bytes; !left.empty() && !IsOver(in_pieces);) {
    Feed(grown, TakePiece(left, state), in_pieces);
  }
  Require(at_once == in_pieces);
  CheckOwnFrame(bytes);
  return 0;
}
