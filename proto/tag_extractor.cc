#include "proto/tag_extractor.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "proto/utf8.h"

namespace tagswell {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::string_view kWideOpener = "\uFF03";
constexpr char32_t kTextStyle = 0xFE0E;  // variation selectors: marks, but a hashtag may follow the emoji they style
constexpr char32_t kEmojiStyle = 0xFE0F;
constexpr char32_t kKeycap = 0x20E3;

// Bits.
enum : std::uint8_t { kNoWord = 0, kWord = 1, kLetter = 2, kUpper = 4, kBeyondAscii = 8 };

constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 'a'; c <= 'z'; ++c) classes[c] = kWord | kLetter;
  for (unsigned c = 'A'; c <= 'Z'; ++c) classes[c] = kWord | kLetter | kUpper;
  for (unsigned c = '0'; c <= '9'; ++c) classes[c] = kWord;
  classes['_'] = kWord;
  for (unsigned c = 0x80; c < 0x100; ++c) classes[c] = kBeyondAscii;
  return classes;
}();

std::uint8_t ClassOf(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}

}  // namespace

TagExtractor::TagExtractor(std::string_view text)
    : text_(text), table_(CharacterTable::Get()), urls_(text, table_), hash_(text.find('#')), wide_(FindWide(0)) {}

std::size_t TagExtractor::FindWide(std::size_t from) const {
  while (true) {
    const std::size_t lead = text_.find(kWideOpener[0], from);
    if (lead == kNone || text_.substr(lead, kWideOpener.size()) == kWideOpener) return lead;
    from = lead + 1;
  }
}

std::size_t TagExtractor::NextOpener() {
  if (hash_ < at_) hash_ = text_.find('#', at_);
  if (wide_ < at_) wide_ = FindWide(at_);
  return std::min(hash_, wide_);
}

bool TagExtractor::MayStartAt(std::size_t opener) const {
  if (opener == 0) return true;
  const char before = text_[opener - 1];
  if (IsAscii(before)) return before != '&' && ClassOf(before) == kNoWord;
  const char32_t point = CodePointBefore(text_, opener).value;
  return point == kTextStyle || point == kEmojiStyle || !table_.IsWord(point);
}

bool TagExtractor::MayEndAt(std::size_t end) const {
  const std::string_view rest = text_.substr(end);
  return !rest.starts_with('#') && !rest.starts_with("://") && !rest.starts_with(kWideOpener);
}

// Most hashtags follow a space or nothing: no URL reaches them.
bool TagExtractor::MayBeInUrl(std::size_t opener) const {
  return opener != 0 && static_cast<unsigned char>(text_[opener - 1]) > ' ' && text_[opener] == '#';
}

std::optional<TagSpan> TagExtractor::Next() {
  while (true) {
    const std::size_t opener = NextOpener();
    if (opener == kNone) return std::nullopt;
    const std::size_t body = opener + (text_[opener] == '#' ? 1 : kWideOpener.size());
    at_ = body;
    if (!MayStartAt(opener)) continue;

    std::size_t end = body;
    unsigned seen = 0;
    while (end < text_.size()) {
      const unsigned ascii = ClassOf(text_[end]);
      if (ascii == kNoWord) break;
      seen |= ascii;
      if (ascii != kBeyondAscii) {
        ++end;
        continue;
      }
      const CodePoint point = CodePointAt(text_, end);
      if (end == body && (point.value == kEmojiStyle || point.value == kKeycap)) break;
      if (!table_.IsWord(point.value)) break;
      if (table_.IsLetter(point.value)) seen |= kLetter;
      end += point.bytes;
    }
    at_ = end;
    if ((seen & kLetter) == 0 || end - body > kTagBytesMax || !MayEndAt(end)) continue;
    if (MayBeInUrl(opener) && urls_.Covers(opener)) continue;
    return TagSpan{.begin = opener, .body = body, .end = end, .is_key = (seen & (kUpper | kBeyondAscii)) == 0};
  }
}

bool HoldsLetter(std::string_view text) {
  const CharacterTable& table = CharacterTable::Get();
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint point = CodePointAt(text, i);
    if (table.IsLetter(point.value)) return true;
    i += point.bytes;
  }
  return false;
}

}  // namespace tagswell
