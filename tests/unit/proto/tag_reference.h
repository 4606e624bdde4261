// The rules of hashtags written down as plainly as possible, over code points: what the extractor is compared with.
// Knows no URLs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tagswell {

std::u32string ToCodePoints(std::string_view utf8);
std::string ToUtf8(std::u32string_view points);

// Bodies in order of appearance.
std::vector<std::string> ReferenceTags(std::string_view text);

}  // namespace tagswell
