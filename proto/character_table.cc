#include "proto/character_table.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace tagswell {
namespace {

// twitter-text 3: what a hashtag may hold although it is no letter, mark or digit.
constexpr char32_t kSpecials[] = {U'_',   0x00B7, 0x05BE, 0x05F3, 0x05F4, 0x0F0B, 0x0F0C, 0x200C, 0x200D,
                                  0x3003, 0x301C, 0x309B, 0x309C, 0x30A0, 0x30FB, 0xA67E, 0xFF5E};

const icu::Normalizer2& Nfkc() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const nfkc = icu::Normalizer2::getNFKCInstance(status);
  if (U_FAILURE(status)) std::abort();  // ICU without its data is no ICU
  return *nfkc;
}

bool StandsAlone(const icu::Normalizer2& nfkc, UChar32 c) {
  return nfkc.hasBoundaryBefore(c) && u_getIntPropertyValue(c, UCHAR_NFKC_QUICK_CHECK) == UNORM_YES;
}

// The index of `block` in `blocks`, which gets it if it is new.
template <typename Block>
std::uint16_t Intern(const Block& block, std::vector<Block>& blocks) {
  const auto found = std::ranges::find(blocks, block);
  const auto index = static_cast<std::uint16_t>(found - blocks.begin());
  if (found == blocks.end()) blocks.push_back(block);
  return index;
}

}  // namespace

const CharacterTable& CharacterTable::Get() {
  static const CharacterTable table;
  return table;
}

CharacterTable::CharacterTable() {
  BuildClasses();
  BuildFolding();
}

void CharacterTable::BuildClasses() {
  struct Flat {
    std::vector<bool> words = std::vector<bool>(kCodePoints);
    std::vector<bool> letters = std::vector<bool>(kCodePoints);
  } flat;
  u_enumCharTypes(
      [](const void* context, UChar32 begin, UChar32 end, UCharCategory category) -> UBool {
        auto& into = *static_cast<Flat*>(const_cast<void*>(context));
        const std::uint32_t mask = U_MASK(category);
        const bool letter = (mask & (U_GC_L_MASK | U_GC_M_MASK)) != 0;
        if (!letter && (mask & U_GC_ND_MASK) == 0) return true;
        std::fill(into.words.begin() + begin, into.words.begin() + end, true);
        if (letter) std::fill(into.letters.begin() + begin, into.letters.begin() + end, true);
        return true;
      },
      &flat);
  for (const char32_t c : kSpecials) flat.words[c] = true;

  std::vector<std::pair<Bits, Bits>> blocks;
  for (char32_t block = 0; block < kCodePoints / kBlock; ++block) {
    std::pair<Bits, Bits> bits{};
    for (char32_t i = 0; i < kBlock; ++i) {
      bits.first[i / 64] |= std::uint64_t{flat.words[block * kBlock + i]} << i % 64;
      bits.second[i / 64] |= std::uint64_t{flat.letters[block * kBlock + i]} << i % 64;
    }
    class_blocks_[block] = Intern(bits, blocks);
  }
  for (const auto& [words, letters] : blocks) {
    words_.push_back(words);
    letters_.push_back(letters);
  }
}

void CharacterTable::BuildFolding() {
  const icu::Normalizer2& nfkc = Nfkc();
  for (char32_t block = 0; block < kFoldable / kBlock; ++block) {
    std::array<std::uint16_t, kBlock> deltas{};
    deltas.fill(kNoDelta);
    for (char32_t i = 0; i < kBlock; ++i) {
      const auto c = static_cast<UChar>(block * kBlock + i);
      if (c == 0 || U16_IS_SURROGATE(c) || !StandsAlone(nfkc, c)) continue;
      UChar folded[8];
      UErrorCode status = U_ZERO_ERROR;
      const int length = u_strFoldCase(folded, 8, &c, 1, U_FOLD_CASE_DEFAULT, &status);
      if (length != 1 || U_FAILURE(status) || !StandsAlone(nfkc, folded[0])) continue;
      deltas[i] = static_cast<std::uint16_t>(folded[0] - c);
    }
    fold_blocks_[block] = Intern(deltas, fold_deltas_);
  }
}

}  // namespace tagswell
