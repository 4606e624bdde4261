// Code points of UTF-8. Only IsValidUtf8 checks: all else wants valid text, which the edges let in alone.
#pragma once

#include <cstddef>
#include <string_view>

namespace tagswell {

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;
};

// No overlong forms, no surrogates, nothing beyond U+10FFFF, nothing cut.
bool IsValidUtf8(std::string_view text);

constexpr bool IsAscii(char byte) {
  return static_cast<signed char>(byte) >= 0;
}
constexpr bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// The code point that starts at `at`, which is before the end of `text`.
inline CodePoint CodePointAt(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[at + i])); };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xE0) return {(lead & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (lead < 0xF0) return {(lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  return {(lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
}

// The code point that ends right before `at`, which is greater than 0.
inline CodePoint CodePointBefore(std::string_view text, std::size_t at) {
  std::size_t begin = at - 1;
  while (begin != 0 && IsContinuation(text[begin])) --begin;
  return CodePointAt(text, begin);
}

// Writes `value` as UTF-8 to `out`, which has room for four bytes, and returns the end.
inline char* PutCodePoint(char32_t value, char* out) {
  if (value < 0x80) {
    *out++ = static_cast<char>(value);
  } else if (value < 0x800) {
    *out++ = static_cast<char>(0xC0 | value >> 6);
    *out++ = static_cast<char>(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    *out++ = static_cast<char>(0xE0 | value >> 12);
    *out++ = static_cast<char>(0x80 | (value >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (value & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | value >> 18);
    *out++ = static_cast<char>(0x80 | (value >> 12 & 0x3F));
    *out++ = static_cast<char>(0x80 | (value >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (value & 0x3F));
  }
  return out;
}

}  // namespace tagswell
