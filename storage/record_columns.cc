#include "storage/record_columns.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "storage/byte_order.h"
#include "storage/decimal_id.h"
#include "storage/record_cursor.h"

namespace tagswell {
namespace {

constexpr std::size_t kGrownBytesMax = 20;  // of a record in its columns: a difference may be longer than its number
constexpr std::size_t kJoinRoom = 96;       // behind the last record: two numbers and a short copy, before any check

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

  // The decimal form behind its length.
  void Id(std::uint64_t value) {
    const Decimal decimal(value);
    *at_++ = static_cast<char>(decimal.text().size());
    at_ = std::copy(decimal.text().begin(), decimal.text().end(), at_);
  }

  void Number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at_++ = static_cast<char>(value | 0x80);
    *at_++ = static_cast<char>(value);
  }

 private:
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

  RecordCursor cursor(records);
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
  RecordCursor heads(views[0]);
  RecordCursor authors(views[1]);
  RecordCursor ids(views[2]);
  RecordCursor times(views[3]);
  RecordCursor details(views[4]);
  RecordCursor mentions(views[5]);
  RecordCursor texts(columns.texts);
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
        out.Id(id_before);
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
  for (const RecordCursor& cursor : {heads, authors, ids, times, details, mentions, texts}) {
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
