// One block of the log in memory: the records of one commit, uncompressed.
// Immutable once made; handed as shared_ptr<const LogBlock> to the engine, the indexer and readers of any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "proto/time.h"

namespace tagswell {

// Blocks are numbered 1, 2, 3, ... without a gap. 0 stands before the first block.
enum class BlockSeq : std::uint64_t {};

constexpr BlockSeq Next(BlockSeq seq) {
  return BlockSeq{static_cast<std::uint64_t>(seq) + 1};
}

inline constexpr BlockSeq kEndOfLog{std::numeric_limits<std::uint64_t>::max()};  // behind every block

// Where a record stands in the log. Never changes, never used again.
struct Position {
  BlockSeq block{0};
  std::uint32_t index = 0;  // of the record in its block
  friend auto operator<=>(const Position&, const Position&) = default;
};

struct LogBlock {
  BlockSeq seq{0};
  Timestamp clock;                  // the engine's time floor at commit: a replay makes the same ticks
  std::string records;              // EncodeRecord output, back to back
  std::vector<std::uint32_t> ends;  // end offset in `records` of each record; empty for a tick block

  std::size_t size() const { return ends.size(); }
  std::string_view RecordAt(std::size_t i) const {
    const std::uint32_t begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view(records).substr(begin, ends[i] - begin);
  }
};

}  // namespace tagswell
