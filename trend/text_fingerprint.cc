#include "trend/text_fingerprint.h"

#include <array>
#include <cstddef>

namespace tagswell {
namespace {

constexpr std::uint64_t kLettersMin = 20;

// What a byte adds to the sum: the lowest 16 bits count letters, those above tell which. A letter weighs the same in
// both cases; lead and continuation bytes of two- and three-byte letters count as they are; four-byte characters are
// nearly all emoji and, like all else, weigh nothing. kLook where more than the byte decides.
constexpr int kCountBits = 16;
constexpr std::uint64_t kLook = 2;
constexpr std::array<std::uint64_t, 256> kWeights = [] {
  const auto weight = [](int c) {
    // The finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    std::uint64_t mixed = static_cast<std::uint64_t>(c) * 0x9E3779B97F4A7C15;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return ((mixed ^ (mixed >> 31)) << kCountBits) | 1;
  };
  std::array<std::uint64_t, 256> weights{};
  for (int c = 'a'; c <= 'z'; ++c)
    weights[static_cast<std::size_t>(c)] = weights[static_cast<std::size_t>(c - 32)] = weight(c);
  for (int c = 0x80; c < 0xF0; ++c) weights[static_cast<std::size_t>(c)] = weight(c);
  for (int c = 0xF0; c < 0x100; ++c) weights[static_cast<std::size_t>(c)] = kLook;
  weights['#'] = weights['@'] = weights['h'] = kLook;
  return weights;
}();

bool EndsWord(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

}  // namespace

std::uint32_t TextFingerprint(std::string_view text) {
  // A sum, which a processor adds up a byte a cycle: texts of the very same letters are the same text to all purposes.
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    std::uint64_t weight = kWeights[c];
    if (weight == kLook) {
      if (c >= 0xF0) {
        i += 4;
        continue;
      }
      if (c != 'h' || text.substr(i, 4) == "http") {
        while (i < text.size() && !EndsWord(text[i])) ++i;
        continue;
      }
      weight = kWeights['H'];
    }
    sum += weight;
    ++i;
  }
  if (sum % (std::uint64_t{1} << kCountBits) < kLettersMin) return 0;
  const auto mixed = static_cast<std::uint32_t>(sum >> 32);
  return mixed == 0 ? 1 : mixed;
}

}  // namespace tagswell
