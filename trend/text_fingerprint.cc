#include "trend/text_fingerprint.h"

#include <array>
#include <cstddef>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tagswell {
namespace {

constexpr std::size_t kLettersMin = 20;
// More of a text than this says nothing more.
constexpr std::size_t kLettersMax = 1024;

// What a byte adds: its folded letter, 0 for nothing, kLook where more than the byte decides. Lead and continuation
// bytes of two- and three-byte letters count as they are; four-byte characters are nearly all emoji.
constexpr unsigned char kLook = 1;
constexpr std::array<unsigned char, 256> kFolded = [] {
  std::array<unsigned char, 256> folded{};
  for (int c = 'a'; c <= 'z'; ++c) folded[static_cast<std::size_t>(c)] = static_cast<unsigned char>(c);
  for (int c = 'A'; c <= 'Z'; ++c) folded[static_cast<std::size_t>(c)] = static_cast<unsigned char>(c + 32);
  for (int c = 0x80; c < 0xF0; ++c) folded[static_cast<std::size_t>(c)] = static_cast<unsigned char>(c);
  for (int c = 0xF0; c < 0x100; ++c) folded[static_cast<std::size_t>(c)] = kLook;
  folded['#'] = folded['@'] = folded['h'] = kLook;
  return folded;
}();

bool EndsWord(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

std::uint32_t TextFingerprint(std::string_view text) {
  std::array<unsigned char, kLettersMax> letters;
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size() && size < kLettersMax;) {
    const auto c = static_cast<unsigned char>(text[i]);
    unsigned char folded = kFolded[c];
    if (folded == kLook) {
      if (c >= 0xF0) {
        i += 4;
        continue;
      }
      if (c != 'h' || text.substr(i, 4) == "http") {
        while (i < text.size() && !EndsWord(text[i])) ++i;
        continue;
      }
      folded = c;
    }
    letters[size] = folded;
    size += folded != 0 ? 1 : 0;
    ++i;
  }
  if (size < kLettersMin) return 0;
  const auto mixed = static_cast<std::uint32_t>(XXH3_64bits(letters.data(), size));
  return mixed == 0 ? 1 : mixed;
}

}  // namespace tagswell
