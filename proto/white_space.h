// White space, as phrases see it.
#pragma once

namespace tagswell {

constexpr bool IsAsciiSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Unicode's White_Space beyond ASCII.
constexpr bool IsSpace(char32_t c) {
  if (c < 0x1680) return c == 0x85 || c == 0xA0;
  return c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

// An ASCII character as pieces of a text fold it.
constexpr char FoldedAscii(char c) {
  if (IsAsciiSpace(c)) return ' ';
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

}  // namespace tagswell
