// The records of a block cut into columns, and put together again. What resembles itself from record to record stands
// together: LZ4 then finds more of it in less time, and ids and times become differences. Layout:
// docs/storage-format.md, "Columns". Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tagswell {

// In the order of the stored form. All but the texts are narrow.
enum class Column : unsigned char { kHeads, kAuthors, kIds, kTimes, kDetails, kMentions, kTexts };
inline constexpr std::size_t kColumns = 7;
inline constexpr std::size_t kNarrowColumns = 6;

struct RecordColumns {
  std::array<std::size_t, kColumns> sizes{};
  std::string_view narrow;  // the narrow columns, one behind the other
  std::string_view texts;
};

// Cuts the records of one block. Keeps no memory between blocks: one block's worth of address space per column.
class RecordCutter {
 public:
  // The columns of the records that end at `ends`, valid until the next call. Nothing when one of them is not what
  // EncodeRecord writes, byte for byte. O(bytes).
  std::optional<RecordColumns> Cut(std::string_view records, std::span<const std::uint32_t> ends);

 private:
  std::unique_ptr<char[]> memory_;
};

// Replaces `records` and `ends` by the `count` records of together `bytes` bytes. False when the columns hold anything
// else. O(bytes).
bool JoinRecords(const RecordColumns& columns, std::uint32_t count, std::size_t bytes, std::string& records,
                 std::vector<std::uint32_t>& ends);

}  // namespace tagswell
