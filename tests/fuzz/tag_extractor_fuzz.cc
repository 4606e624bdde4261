// Any valid UTF-8: the extractor finds what the rules written plainly find, less what stands in URLs. Keys stay keys.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "proto/tag_extractor.h"
#include "proto/tag_key.h"
#include "proto/utf8.h"
#include "tests/unit/proto/tag_reference.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace tagswell;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!IsValidUtf8(text)) return 0;
  std::vector<std::string> found;
  TagExtractor extractor(text);
  while (const auto tag = extractor.Next()) {
    found.emplace_back(text.substr(tag->body, tag->end - tag->body));
    const std::string key = TagKey("#" + found.back());
    if (key.empty() || TagKey("#" + key) != key) std::abort();
  }
  std::vector<std::string> expected = ReferenceTags(text);
  std::erase_if(expected, [](const std::string& tag) { return tag.size() > kTagBytesMax; });
  if (!text.contains('.')) {  // no dot, no URL
    if (found != expected) std::abort();
  } else {
    auto at = expected.begin();
    for (const std::string& tag : found) {
      at = std::find(at, expected.end(), tag);
      if (at++ == expected.end()) std::abort();
    }
  }
  return 0;
}
