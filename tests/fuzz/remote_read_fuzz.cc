// Any bytes as a remote-read request: refused with a code, or queries whose minutes lie in the time there is and whose
// patterns match every value they name.
#include <cstdint>
#include <string>
#include <string_view>

#include "server/api/remote_read_request.h"
#include "tests/fuzz/pieces.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tagswell;
  const auto queries = ParseReadRequest({reinterpret_cast<const char*>(data), size});
  if (!queries) {
    Require(!queries.error().code.empty());
    return 0;
  }
  for (const SeriesQuery& query : *queries) {
    if (query.first <= query.last) {
      Require(query.first >= Minute{0} && query.last <= MinuteOf(kTimestampMax));
      Require(AllMatch(query.matchers, "job", ""));
    }
    for (const LabelMatcher& matcher : query.matchers) {
      matcher.Matches("a topic");
      for (const std::string& named : matcher.Named().value_or(std::vector<std::string>()))
        Require(matcher.Matches(named));
    }
  }
  return 0;
}
