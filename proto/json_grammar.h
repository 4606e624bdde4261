// The grammar of JSON's scalars (RFC 8259), for tokens that simdjson has found but does not look into.
// A token starts at its first byte and may have white space behind it; quotes are closed, bytes are valid UTF-8 and no
// control character stands in a string: simdjson's first stage saw to that.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tagswell {

constexpr bool IsJsonSpace(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

constexpr std::string_view WithoutSpaceBehind(std::string_view token) {
  while (!token.empty() && IsJsonSpace(token.back())) token.remove_suffix(1);
  return token;
}

inline bool HoldsEscape(std::string_view inside) {
  return !inside.empty() && std::memchr(inside.data(), '\\', inside.size()) != nullptr;
}

// What stands between the quotes of a string token. Nothing (a null view) if the token is no string.
constexpr std::string_view InsideOfString(std::string_view token) {
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return {};
  return token.substr(1, token.size() - 2);
}

static_assert(std::endian::native == std::endian::little);  // InsideOfKey counts bytes from the low end

constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;

// The top bit of every byte that is zero, and perhaps of some above the first of them.
constexpr std::uint64_t MarkZeros(std::uint64_t word) {
  return (word - kOnes) & ~word & (kOnes * 0x80);
}

// What stands before the closing quote of a key that begins at `inside`. The quote is there, and eight readable bytes
// behind it.
inline std::string_view InsideOfKey(const char* inside) {
  const char* at = inside;
  while (true) {
    // Eight bytes at once: a byte of the sum is marked where the quote or a backslash stands, the first one exactly.
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t marks = MarkZeros(word ^ (kOnes * '"')) | MarkZeros(word ^ (kOnes * '\\'));
    if (marks == 0) {
      at += sizeof word;
      continue;
    }
    at += std::countr_zero(marks) / 8;
    if (*at == '"') return {inside, at};
    at += 2;
  }
}

// Whether every escape is one of RFC 8259's, and surrogates come in pairs.
bool HasValidEscapes(std::string_view inside);

// true, false, null, a number, or a string.
bool IsWellFormedScalar(std::string_view token);

}  // namespace tagswell
