// What tag extraction asks about a code point, in two small two-stage tables built once from ICU's Unicode data.
// Immutable once built: any thread may use it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace tagswell {

class CharacterTable {
 public:
  // Built at the first call, in a few milliseconds.
  static const CharacterTable& Get();

  CharacterTable(const CharacterTable&) = delete;
  CharacterTable& operator=(const CharacterTable&) = delete;

  // May stand in a hashtag: letters, marks, decimal digits, '_' and twitter-text's special characters.
  bool IsWord(char32_t c) const { return Bit(c, words_); }
  // Letters and marks: a hashtag needs one.
  bool IsLetter(char32_t c) const { return Bit(c, letters_); }

  // What `c` becomes in a key (NFKC, full case folding, NFKC) when that takes no look at its neighbours and gives one
  // code point; 0 for all others, and for U+0000.
  char32_t Folded(char32_t c) const {
    if (c >= kFoldable) return 0;
    const std::uint16_t delta = fold_deltas_[fold_blocks_[c / kBlock]][c % kBlock];
    return delta == kNoDelta ? 0 : static_cast<std::uint16_t>(c + delta);
  }

 private:
  static constexpr char32_t kCodePoints = 0x110000;
  static constexpr char32_t kFoldable = 0x10000;
  static constexpr char32_t kBlock = 256;
  static constexpr std::uint16_t kNoDelta = 0x8000;  // no folding moves a code point that far

  using Bits = std::array<std::uint64_t, kBlock / 64>;

  CharacterTable();
  void BuildClasses();
  void BuildFolding();

  bool Bit(char32_t c, const std::vector<Bits>& blocks) const {
    return (blocks[class_blocks_[c / kBlock]][c % kBlock / 64] >> c % 64 & 1) != 0;
  }

  std::array<std::uint16_t, kCodePoints / kBlock> class_blocks_{};
  std::vector<Bits> words_;
  std::vector<Bits> letters_;
  std::array<std::uint16_t, kFoldable / kBlock> fold_blocks_{};
  std::vector<std::array<std::uint16_t, kBlock>> fold_deltas_;
};

}  // namespace tagswell
