#include "proto/phrase_starts.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "proto/utf8.h"
#include "proto/white_space.h"

namespace tagswell {
namespace {

constexpr bool IsAsciiWord(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

// The first byte of `c` in UTF-8.
constexpr unsigned char LeadByte(char32_t c) {
  if (c < 0x80) return static_cast<unsigned char>(c);
  return static_cast<unsigned char>(c < 0x800 ? 0xC0 | c >> 6 : 0xE0 | c >> 12);
}

}  // namespace

PhraseStarts::PhraseStarts(std::span<const std::string> phrases) : table_(&CharacterTable::Get()) {
  kinds_.fill(kAnyMayFollow);
  for (unsigned char c = 0; c < kAscii; ++c) {
    if (IsAsciiWord(static_cast<char>(c))) kinds_[c] = kStartsOther << kFollowShift;
  }
  kinds_['#'] = kinds_['@'] = 0;  // what follows is part of a tag or a name
  for (Block& first : firsts_) first = Block{} + kNoFirst;
  std::array<bool, 256> leads{};  // the first bytes of phrases
  for (const std::string& phrase : phrases) {
    leads[static_cast<unsigned char>(phrase[0])] = true;
    if (IsAscii(phrase[0])) AddAscii(phrase);
  }
  if (!phrases.empty()) AddOthers(leads);
}

void PhraseStarts::AddAscii(std::string_view phrase) {
  for (unsigned char c = 0; c < kAscii; ++c) {
    if (FoldedAscii(static_cast<char>(c)) != phrase[0]) continue;
    kinds_[c] |= IsAsciiWord(static_cast<char>(c)) ? kStartsWord : kStartsOther;
    AddFirst(c | 0x20);
    for (unsigned char second = 0; second < kAscii; ++second) {
      const bool goes_on = phrase.size() == 1 || FoldedAscii(static_cast<char>(second)) == phrase[1];
      if (goes_on) pairs_[c][second / 64] |= std::uint64_t{1} << second % 64;
    }
  }
}

void PhraseStarts::AddFirst(unsigned char byte) {
  for (Block& first : firsts_) {
    if (first[0] == byte) return;
    if (first[0] == kNoFirst) {
      first = Block{} + byte;
      return;
    }
  }
  has_few_firsts_ = false;
}

void PhraseStarts::AddOthers(const std::array<bool, 256>& leads) {
  for (char32_t c = kAscii; c < kBasicPlane; ++c) {
    const char32_t folded = IsSpace(c) ? U' ' : table_->Folded(c);
    if (folded != 0 && !leads[LeadByte(folded)]) continue;
    others_[c / 64] |= std::uint64_t{1} << c % 64;
    kinds_[LeadByte(c)] |= kStartsOther;
  }
  for (std::size_t lead = 0xF0; lead < kinds_.size(); ++lead) kinds_[lead] |= kStartsOther;
}

// Whether a phrase may start with the code point at `at`. Looks two bytes ahead.
bool PhraseStarts::MayStartAt(std::string_view text, std::size_t at) const {
  const unsigned before = at == 0 ? unsigned{kAnyMayFollow} : KindOf(text[at - 1]);
  if ((KindOf(text[at]) & before >> kFollowShift & kStarts) == 0) return false;
  if (!IsAscii(text[at])) {
    const char32_t c = CodePointAt(text, at).value;
    return c >= kBasicPlane || (others_[c / 64] >> c % 64 & 1) != 0;
  }
  // What is not ASCII may compose with what stands before it.
  if (at + 2 >= text.size() || !IsAscii(text[at + 1]) || !IsAscii(text[at + 2])) return true;
  const auto second = static_cast<unsigned char>(text[at + 1]);
  return (pairs_[static_cast<unsigned char>(text[at])][second / 64] >> second % 64 & 1) != 0;
}

// The offset of the first byte of a block that may matter; the block's size if none does.
std::size_t PhraseStarts::FirstIn(const char* block) const {
  Block bytes;
  std::memcpy(&bytes, block, sizeof bytes);
  const Block lower = bytes | 0x20;
  Block found = bytes & 0x80;
  for (const Block& first : firsts_) found |= reinterpret_cast<Block>(lower == first);
  const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(found);
  if ((halves[0] | halves[1]) == 0) return sizeof bytes;
  const auto bit = halves[0] != 0 ? std::countr_zero(halves[0]) : 64 + std::countr_zero(halves[1]);
  return static_cast<std::size_t>(bit) / 8;
}

// Moves `at` to the next byte of an ASCII text that may matter. False: another script or the end is too near.
bool PhraseStarts::SkipBlocks(std::string_view text, std::size_t& at) const {
  while (text.size() - at >= sizeof(Block)) {
    const std::size_t skipped = FirstIn(text.data() + at);
    at += skipped;
    if (skipped != sizeof(Block)) return IsAscii(text[at]);
  }
  return false;
}

// Moves `at` to the next byte whose kind lets a phrase start there, or to the end.
void PhraseStarts::SkipBytes(std::string_view text, std::size_t& at) const {
  unsigned before = at == 0 ? unsigned{kAnyMayFollow} : KindOf(text[at - 1]);
  for (; at < text.size(); ++at) {
    const unsigned kind = KindOf(text[at]);
    if ((kind & before >> kFollowShift & kStarts) != 0) return;
    before = kind;
  }
}

// Most of a text starts no phrase: the first piece at or behind `from` that may.
std::size_t PhraseStarts::Next(std::string_view text, std::size_t from) const {
  bool by_block = has_few_firsts_;
  for (std::size_t at = from; at < text.size(); ++at) {
    by_block = by_block && SkipBlocks(text, at);
    if (!by_block) SkipBytes(text, at);
    if (at == text.size()) break;
    if (!MayStartAt(text, at)) continue;
    if (IsAscii(text[at]) || table_->Folded(CodePointAt(text, at).value) != 0 || at == from) return at;
    return at - CodePointBefore(text, at).bytes;  // may compose with the letter before it
  }
  return text.size();
}

}  // namespace tagswell
