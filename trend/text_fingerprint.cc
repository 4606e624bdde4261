#include "trend/text_fingerprint.h"

#include <array>

namespace tagswell {
namespace {

constexpr std::size_t kLettersMin = 20;

// What a byte adds: its folded letter, or 0 for nothing. Lead and continuation bytes of two- and three-byte letters
// count as they are; four-byte characters are nearly all emoji.
constexpr std::array<unsigned char, 256> kFolded = [] {
  std::array<unsigned char, 256> folded{};
  for (int c = 'a'; c <= 'z'; ++c) folded[static_cast<std::size_t>(c)] = static_cast<unsigned char>(c);
  for (int c = 'A'; c <= 'Z'; ++c) folded[static_cast<std::size_t>(c)] = static_cast<unsigned char>(c + 32);
  for (int c = 0x80; c < 0xF0; ++c) folded[static_cast<std::size_t>(c)] = static_cast<unsigned char>(c);
  return folded;
}();

bool EndsWord(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

std::uint32_t TextFingerprint(std::string_view text) {
  std::uint64_t hash = 0x9E3779B97F4A7C15;
  std::size_t letters = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const bool skipped = c == '#' || c == '@' || text.substr(i, 4) == "http";
    if (skipped) {
      while (i < text.size() && !EndsWord(text[i])) ++i;
      continue;
    }
    if (static_cast<unsigned char>(c) >= 0xF0) {
      i += 4;
      continue;
    }
    if (const unsigned char folded = kFolded[static_cast<unsigned char>(c)]; folded != 0) {
      hash = (hash ^ folded) * 0x100000001B3;
      ++letters;
    }
    ++i;
  }
  if (letters < kLettersMin) return 0;
  const auto mixed = static_cast<std::uint32_t>((hash ^ (hash >> 29)) * 0xBF58476D1CE4E5B9 >> 32);
  return mixed == 0 ? 1 : mixed;
}

}  // namespace tagswell
