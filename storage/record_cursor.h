// Walks over records as docs/storage-format.md describes them ("Records"); proto/post_codec.cc writes them. Internal to
// storage/.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "proto/post_codec.h"
#include "proto/record_layout.h"

namespace tagswell {

// Moves over bytes that may be hostile. Once something was missing `ok` stays false and nothing is left.
class RecordCursor {
 public:
  explicit RecordCursor(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool ok() const { return ok_; }
  bool done() const { return at_ == end_; }
  const char* at() const { return at_; }
  const char* end() const { return end_; }
  std::string_view Since(const char* begin) const { return {begin, static_cast<std::size_t>(at_ - begin)}; }

  unsigned Byte() {
    if (at_ == end_) return Fail();
    return static_cast<unsigned char>(*at_++);
  }

  std::uint64_t Number() {
    if (at_ != end_ && static_cast<signed char>(*at_) >= 0) return static_cast<unsigned char>(*at_++);
    const LongNumber number = Take(at_, end_);
    if (number.end == nullptr) return Fail();
    shortest_ &= number.end[-1] != 0;
    at_ = number.end;
    return number.value;
  }

  std::string_view Bytes(std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(end_ - at_)) {
      Fail();
      return {at_, 0};
    }
    at_ += size;
    return {at_ - size, static_cast<std::size_t>(size)};
  }

  std::string_view Text() { return Bytes(Number()); }

  // Whether no number so far had a shorter form: what is decoded and encoded again is the same then.
  bool shortest() const { return shortest_; }

 private:
  struct LongNumber {
    std::uint64_t value = 0;
    const char* end = nullptr;  // null: there is none
  };

  // Apart and by value, so that a cursor can live in registers.
  static LongNumber Take(const char* at, const char* end) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && at != end; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at++);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return {.value = value, .end = at};
    }
    return {};
  }

  unsigned Fail() {
    ok_ = false;
    at_ = end_;
    return 0;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
  bool shortest_ = true;
};

// The kinds that are followed by anything.
inline constexpr unsigned kPostKind = static_cast<unsigned>(RecordKind::kPost);
inline constexpr unsigned kControlKind = static_cast<unsigned>(RecordKind::kControl);
inline constexpr unsigned kRetractionKind = static_cast<unsigned>(RecordKind::kRetraction);

// Whether a sound record has mentions, without decoding it. The second byte of a control record is 0.
inline bool HasMentions(std::string_view record) {
  return record.size() > 1 && record[0] != 0 && (static_cast<unsigned char>(record[1]) & record_layout::kMentions) != 0;
}

inline bool IsControl(std::string_view record) {
  return !record.empty() && (static_cast<unsigned char>(record[0]) & record_layout::kKindMask) == kControlKind;
}

struct RecordHead {
  unsigned kind = 0;  // 0 is a hole: nothing follows
  unsigned fields = 0;
  bool has_text = false;
};

// These are inlined so that a cursor stays in registers; calls would double what cutting a block costs.
//
// From the head byte to the country. Nothing when no version of this program writes it.
[[gnu::always_inline]] inline std::optional<RecordHead> PassHead(RecordCursor& cursor) {
  using namespace record_layout;
  const unsigned head = cursor.Byte();
  if (head == 0) return cursor.ok() ? std::optional(RecordHead()) : std::nullopt;
  const bool gone_text = (head & kGoneText) != 0;
  const bool is_post = (head & kKindMask) == kPostKind;
  const RecordHead result{.kind = head & kKindMask, .fields = cursor.Byte(), .has_text = is_post || gone_text};
  if ((result.kind != kPostKind && result.kind != kRetractionKind) || (head & kHeadUnused) != 0 ||
      (is_post && gone_text) || (result.fields & kFieldsUnused) != 0) {
    return std::nullopt;
  }
  cursor.Text();
  if ((result.fields & kLang) != 0) cursor.Text();
  if ((result.fields & kCountry) != 0) cursor.Text();
  return cursor.ok() ? std::optional(result) : std::nullopt;
}

// From in_reply_to to the length of the text, which it returns.
[[gnu::always_inline]] inline std::uint64_t PassDetails(RecordCursor& cursor, RecordHead head) {
  using namespace record_layout;
  if ((head.fields & kInReplyTo) != 0) cursor.Text();
  if ((head.fields & kRepostOf) != 0) cursor.Text();
  if ((head.fields & kFollowers) != 0) cursor.Number();
  if ((head.fields & kAuthorCreatedAt) != 0) cursor.Number();
  return head.has_text ? cursor.Number() : 0;
}

[[gnu::always_inline]] inline void PassMentions(RecordCursor& cursor, RecordHead head) {
  using namespace record_layout;
  if ((head.fields & kMentions) == 0) return;
  for (std::uint64_t count = cursor.Number(); count > 0 && cursor.ok(); --count) {
    const std::uint64_t first = cursor.Number();
    if ((first & kSpellingInline) != 0) {
      cursor.Bytes(first >> kMentionShift);
    } else {
      cursor.Number();
    }
    if ((first & kOwnTopic) != 0) cursor.Text();
  }
}

}  // namespace tagswell
