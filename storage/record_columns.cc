// Walks over records as docs/storage-format.md describes them ("Records"); proto/post_codec.cc writes them.
#include "storage/record_columns.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "storage/byte_order.h"

namespace tagswell {
namespace {

// The head byte.
constexpr unsigned kKindMask = 3;
constexpr unsigned kPost = 1;
constexpr unsigned kRetraction = 2;
constexpr unsigned kHeadUnused = 0xC0;
// The byte of the fields.
constexpr unsigned kLang = 0x01;
constexpr unsigned kCountry = 0x02;
constexpr unsigned kInReplyTo = 0x04;
constexpr unsigned kRepostOf = 0x08;
constexpr unsigned kFollowers = 0x10;
constexpr unsigned kAuthorCreatedAt = 0x20;
constexpr unsigned kMentions = 0x40;
constexpr unsigned kFieldsUnused = 0x80;
// The low bits of a mention's first number.
constexpr unsigned kSpellingInline = 2;
constexpr unsigned kOwnTopic = 4;
constexpr unsigned kMentionShift = 3;

constexpr std::uint64_t kNumericIdMax = 1ULL << 62;  // a difference of two, its sign and a flag fit into 64 bits
constexpr std::size_t kIdDigitsMax = 19;

constexpr std::size_t kGrownBytesMax = 20;  // of a record in its columns: a difference may be longer than its number
constexpr std::size_t kJoinRoom = 96;       // behind the last record: two numbers and a short copy, before any check

// Moves over bytes that may be hostile. Once something was missing `ok` stays false and nothing is left.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

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

struct Head {
  unsigned kind = 0;  // 0 is a hole: nothing follows
  unsigned fields = 0;
};

// These are inlined so that a cursor stays in registers; calls would double what cutting a block costs.
//
// From the head byte to the country. Nothing when no version of this program writes it.
[[gnu::always_inline]] inline std::optional<Head> PassHead(Cursor& cursor) {
  const unsigned head = cursor.Byte();
  if (head == 0) return cursor.ok() ? std::optional(Head()) : std::nullopt;
  const Head result{.kind = head & kKindMask, .fields = cursor.Byte()};
  if ((result.kind != kPost && result.kind != kRetraction) || (head & kHeadUnused) != 0 ||
      (result.fields & kFieldsUnused) != 0) {
    return std::nullopt;
  }
  cursor.Text();
  if ((result.fields & kLang) != 0) cursor.Text();
  if ((result.fields & kCountry) != 0) cursor.Text();
  return cursor.ok() ? std::optional(result) : std::nullopt;
}

// From in_reply_to to the length of the text, which it returns.
[[gnu::always_inline]] inline std::uint64_t PassDetails(Cursor& cursor, Head head) {
  if ((head.fields & kInReplyTo) != 0) cursor.Text();
  if ((head.fields & kRepostOf) != 0) cursor.Text();
  if ((head.fields & kFollowers) != 0) cursor.Number();
  if ((head.fields & kAuthorCreatedAt) != 0) cursor.Number();
  return head.kind == kPost ? cursor.Number() : 0;
}

[[gnu::always_inline]] inline void PassMentions(Cursor& cursor, Head head) {
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

constexpr std::uint64_t kZeroes = 0x3030303030303030;  // "00000000"

// Eight digits at once; nothing when one of them is none.
std::optional<std::uint64_t> EightDigits(const char* digits) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, digits, sizeof(bytes));
  const std::uint64_t values = bytes - kZeroes;
  if ((((bytes + 0x4646464646464646) | values) & 0x8080808080808080) != 0) return std::nullopt;
  const std::uint64_t pairs = values * 10 + (values >> 8);
  constexpr std::uint64_t kEven = 0x000000FF000000FF;
  return ((pairs & kEven) * 0x000F424000000064 + ((pairs >> 16) & kEven) * 0x0000271000000001) >> 32;
}

// The number that `id` is the decimal form of, if it is one and small enough.
std::optional<std::uint64_t> NumericId(std::string_view id) {
  if (id.empty() || id.size() > kIdDigitsMax || (id[0] == '0' && id.size() > 1)) return std::nullopt;
  std::uint64_t value = 0;
  std::size_t i = 0;
  for (; i + 8 <= id.size(); i += 8) {
    const auto eight = EightDigits(id.data() + i);
    if (!eight) return std::nullopt;
    value = value * 100'000'000 + *eight;
  }
  for (; i < id.size(); ++i) {
    if (id[i] < '0' || id[i] > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(id[i] - '0');
  }
  if (value >= kNumericIdMax) return std::nullopt;
  return value;
}

// A difference, of either sign.
std::uint64_t Step(std::uint64_t from, std::uint64_t to) {
  return ZigZag(static_cast<std::int64_t>(to - from));
}
std::uint64_t Stepped(std::uint64_t from, std::uint64_t step) {
  return from + static_cast<std::uint64_t>(UnZigZag(step));
}

// Writes to memory that has room for kShort bytes more than what is written.
class Writer {
 public:
  static constexpr std::size_t kShort = 32;

  explicit Writer(char* at) : at_(at) {}

  char* at() const { return at_; }

  // Bytes of memory that ends at `end`. Short ones are copied in one move of fixed size: what it spills is overwritten.
  void Bytes(std::string_view bytes, const char* end) {
    if (bytes.size() <= kShort && static_cast<std::size_t>(end - bytes.data()) >= kShort) {
      std::memcpy(at_, bytes.data(), kShort);
    } else {
      std::copy_n(bytes.data(), bytes.size(), at_);
    }
    at_ += bytes.size();
  }

  void Number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at_++ = static_cast<char>(value | 0x80);
    *at_++ = static_cast<char>(value);
  }

  // The decimal form behind its length. Eight digits at a time: a division each would take longer than all the rest.
  void Digits(std::uint64_t value) {
    const std::array<std::uint64_t, 3> groups = {DigitValues(value / (kGroup * kGroup)),
                                                 DigitValues(value / kGroup % kGroup), DigitValues(value % kGroup)};
    char digits[sizeof(groups)];
    std::size_t zeros = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (zeros == 8 * i) zeros += groups[i] == 0 ? 8 : static_cast<std::size_t>(std::countr_zero(groups[i])) / 8;
      const std::uint64_t text = groups[i] + kZeroes;
      std::memcpy(digits + 8 * i, &text, sizeof(text));
    }
    const std::size_t size = std::max<std::size_t>(1, sizeof(digits) - zeros);
    *at_++ = static_cast<char>(size);
    std::memcpy(at_, digits + sizeof(digits) - size, size);
    at_ += size;
  }

 private:
  static constexpr std::uint64_t kGroup = 100'000'000;

  // The eight digits of a number below kGroup, a byte each, the first one lowest.
  static std::uint64_t DigitValues(std::uint64_t value) {
    const std::uint64_t fours = value / 10'000 | value % 10'000 << 32;
    const std::uint64_t hundreds = fours * 10'486 >> 20 & 0x7F0000007F;
    const std::uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
    const std::uint64_t tens = twos * 103 >> 10 & 0x000F000F000F000F;
    return tens | (twos - tens * 10) << 8;
  }

  char* at_;
};

}  // namespace

std::optional<RecordColumns> RecordCutter::Cut(std::string_view records, std::span<const std::uint32_t> ends) {
  // Room for the worst in every column: what is not written is never touched.
  const std::size_t room = records.size() + ends.size() * kGrownBytesMax + Writer::kShort;
  memory_ = std::make_unique_for_overwrite<char[]>(kColumns * room);
  std::array<char*, kColumns> begins{};
  for (std::size_t i = 0; i < kColumns; ++i) begins[i] = memory_.get() + i * room;
  Writer heads(begins[0]);
  Writer authors(begins[1]);
  Writer ids(begins[2]);
  Writer times(begins[3]);
  Writer details(begins[4]);
  Writer mentions(begins[5]);
  Writer texts(begins[6]);

  Cursor cursor(records);
  const char* const limit = cursor.end();
  std::uint64_t id_before = 0;
  std::uint64_t time_before = 0;
  for (const std::uint32_t end : ends) {
    const char* part = cursor.at();
    const auto head = PassHead(cursor);
    if (!head) return std::nullopt;
    heads.Bytes(cursor.Since(part), limit);
    if (head->kind != 0) {
      part = cursor.at();
      cursor.Text();
      authors.Bytes(cursor.Since(part), limit);
      const std::string_view id = cursor.Text();
      if (const auto number = NumericId(id)) {
        ids.Number(Step(id_before, *number) << 1);
        id_before = *number;
      } else {
        ids.Number(id.size() << 1 | 1);
        ids.Bytes(id, limit);
      }
      const std::uint64_t time = cursor.Number();
      times.Number(Step(time_before, time));
      time_before = time;
      part = cursor.at();
      const std::uint64_t text_bytes = PassDetails(cursor, *head);
      details.Bytes(cursor.Since(part), limit);
      texts.Bytes(cursor.Bytes(text_bytes), limit);
      part = cursor.at();
      PassMentions(cursor, *head);
      mentions.Bytes(cursor.Since(part), limit);
    }
    if (!cursor.ok() || cursor.at() != records.data() + end) return std::nullopt;
  }
  if (!cursor.done() || !cursor.shortest()) return std::nullopt;

  RecordColumns columns;
  const std::array<char*, kColumns> at = {heads.at(),   authors.at(),  ids.at(),  times.at(),
                                          details.at(), mentions.at(), texts.at()};
  char* narrow_end = memory_.get();
  for (std::size_t i = 0; i < kColumns; ++i) {
    columns.sizes[i] = static_cast<std::size_t>(at[i] - begins[i]);
    if (i == kNarrowColumns) break;
    std::memmove(narrow_end, begins[i], columns.sizes[i]);
    narrow_end += columns.sizes[i];
  }
  columns.narrow = {memory_.get(), narrow_end};
  columns.texts = {begins[kNarrowColumns], columns.sizes[kNarrowColumns]};
  return columns;
}

namespace {

// Puts the records into memory that has room for `bytes` and kJoinRoom, and their ends into `ends`.
bool JoinInto(const RecordColumns& columns, std::uint32_t count, std::size_t bytes, char* data, std::uint32_t* ends) {
  std::array<std::string_view, kNarrowColumns> views;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < kNarrowColumns; begin += columns.sizes[i++]) {
    views[i] = columns.narrow.substr(begin, columns.sizes[i]);
  }
  Cursor heads(views[0]);
  Cursor authors(views[1]);
  Cursor ids(views[2]);
  Cursor times(views[3]);
  Cursor details(views[4]);
  Cursor mentions(views[5]);
  Cursor texts(columns.texts);
  const char* const limit = columns.narrow.data() + columns.narrow.size();

  Writer out(data);
  const char* const end = data + bytes;
  bool sound = true;
  // What is too long is left out: the records are refused then.
  const auto copy = [&](std::string_view part, const char* part_limit) {
    sound = sound && out.at() <= end && part.size() <= static_cast<std::size_t>(end - out.at());
    if (sound) out.Bytes(part, part_limit);
  };
  std::uint64_t id_before = 0;
  std::uint64_t time_before = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const char* part = heads.at();
    const auto head = PassHead(heads);
    if (!head) return false;
    copy(heads.Since(part), limit);
    if (head->kind != 0) {
      part = authors.at();
      authors.Text();
      copy(authors.Since(part), limit);
      const std::uint64_t id = ids.Number();
      if ((id & 1) != 0) {
        out.Number(id >> 1);
        copy(ids.Bytes(id >> 1), limit);
      } else {
        id_before = Stepped(id_before, id >> 1);
        out.Digits(id_before);
      }
      time_before = Stepped(time_before, times.Number());
      out.Number(time_before);
      part = details.at();
      const std::uint64_t text_bytes = PassDetails(details, *head);
      copy(details.Since(part), limit);
      copy(texts.Bytes(text_bytes), texts.end());
      part = mentions.at();
      PassMentions(mentions, *head);
      copy(mentions.Since(part), limit);
    }
    if (!sound) return false;
    ends[i] = static_cast<std::uint32_t>(out.at() - data);
  }
  for (const Cursor& cursor : {heads, authors, ids, times, details, mentions, texts}) {
    if (!cursor.ok() || !cursor.done()) return false;
  }
  return out.at() == end;
}

}  // namespace

bool JoinRecords(const RecordColumns& columns, std::uint32_t count, std::size_t bytes, std::string& records,
                 std::vector<std::uint32_t>& ends) {
  std::size_t narrow_size = 0;
  for (std::size_t i = 0; i < kNarrowColumns; ++i) narrow_size += columns.sizes[i];
  if (narrow_size != columns.narrow.size()) return false;
  ends.resize(count);
  bool sound = false;
  records.resize_and_overwrite(bytes + kJoinRoom, [&](char* data, std::size_t) {
    sound = JoinInto(columns, count, bytes, data, ends.data());
    return sound ? bytes : 0;
  });
  return sound;
}

}  // namespace tagswell
