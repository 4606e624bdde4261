#include "tests/unit/proto/tag_reference.h"

#include <unicode/uchar.h>

#include "proto/utf8.h"

namespace tagswell {
namespace {

constexpr std::u32string_view kSpecials =
    U"_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7";

bool IsLetter(char32_t c) {
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & (U_GC_L_MASK | U_GC_M_MASK)) != 0;
}
bool IsWord(char32_t c) {
  return IsLetter(c) || (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_ND_MASK) != 0 ||
         kSpecials.find(c) != std::u32string_view::npos;
}
bool IsOpener(char32_t c) {
  return c == U'#' || c == U'\uFF03';
}

}  // namespace

std::u32string ToCodePoints(std::string_view utf8) {
  std::u32string points;
  for (std::size_t i = 0; i < utf8.size();) {
    const CodePoint point = CodePointAt(utf8, i);
    points += point.value;
    i += point.bytes;
  }
  return points;
}

std::string ToUtf8(std::u32string_view points) {
  std::string utf8;
  for (const char32_t point : points) {
    char encoded[4];
    utf8.append(encoded, PutCodePoint(point, encoded));
  }
  return utf8;
}

std::vector<std::string> ReferenceTags(std::string_view utf8) {
  const std::u32string text = ToCodePoints(utf8);
  const auto at = [&](std::size_t i) { return i < text.size() ? text[i] : U'\0'; };
  std::vector<std::string> tags;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!IsOpener(text[i])) continue;
    if (i != 0) {
      const char32_t before = text[i - 1];
      if (before == U'&' || (before != 0xFE0E && before != 0xFE0F && IsWord(before))) continue;
    }
    if (at(i + 1) == 0xFE0F || at(i + 1) == 0x20E3) continue;
    std::size_t end = i + 1;
    bool letter = false;
    for (; end < text.size() && IsWord(text[end]); ++end) letter |= IsLetter(text[end]);
    if (!letter || IsOpener(at(end)) || text.substr(end, 3) == U"://") continue;
    tags.push_back(ToUtf8(std::u32string_view(text).substr(i + 1, end - i - 1)));
  }
  return tags;
}

}  // namespace tagswell
