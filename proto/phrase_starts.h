// Finds where in a text one of a set of phrases may start, and skips all else as fast as bytes can be read: what most
// posts cost that hold none. Immutable once built: any thread may use it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "proto/character_table.h"

namespace tagswell {

class PhraseStarts {
 public:
  // `phrases` as PhraseMatcher takes them.
  explicit PhraseStarts(std::span<const std::string> phrases);

  // The first piece of `text` (valid UTF-8) at or behind `from` that folds on its own and may start a phrase, or the
  // text's size. Misses none; not all that it gives do start one. `from` is where a piece begins.
  std::size_t Next(std::string_view text, std::size_t from) const;

 private:
  // What a byte is. The low bits: it may start a phrase, as part of an ASCII word or as something else. The same bits
  // above: which of these may follow it; inside an ASCII word nothing starts.
  enum : std::uint8_t { kStartsWord = 1, kStartsOther = 2, kStarts = 3, kFollowShift = 2, kAnyMayFollow = 12 };
  static constexpr unsigned char kAscii = 0x80;
  static constexpr std::size_t kBasicPlane = 0x10000;

  // Sixteen bytes are looked at together, where phrases start with few letters.
  using Block [[gnu::vector_size(16)]] = unsigned char;
  static constexpr unsigned char kNoFirst = 0xFF;  // beyond ASCII: found in any case

  void AddAscii(std::string_view phrase);
  void AddFirst(unsigned char byte);
  void AddOthers(const std::array<bool, 256>& leads);
  unsigned KindOf(char byte) const { return kinds_[static_cast<unsigned char>(byte)]; }
  std::size_t FirstIn(const char* block) const;
  bool SkipBlocks(std::string_view text, std::size_t& at) const;
  void SkipBytes(std::string_view text, std::size_t& at) const;
  bool MayStartAt(std::string_view text, std::size_t at) const;

  const CharacterTable* table_;
  std::array<std::uint8_t, 256> kinds_{};
  Block firsts_[4] = {};        // the ASCII bytes that start phrases, with 0x20 set, each all over a block
  bool has_few_firsts_ = true;  // no other ASCII byte does
  std::array<std::array<std::uint64_t, 2>, kAscii> pairs_{};  // ASCII, then ASCII: may be the start of a phrase
  std::array<std::uint64_t, kBasicPlane / 64> others_{};      // code points that may, or that may compose
};

}  // namespace tagswell
