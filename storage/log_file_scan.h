// Reads a file in RocksDB's log format (write-ahead logs, manifests) past its first damage, to tell what stands behind
// it: RocksDB itself only says that there is some. Format: RocksDB's wiki, "Write Ahead Log File Format".
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/error.h"
#include "storage/log_block.h"

namespace tagswell {

struct LogFileScan {
  std::filesystem::path file;
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;  // whole ones before the first damage

  // The first damage: where, and what. Nothing when the file is whole.
  std::optional<std::uint64_t> damaged_at;
  std::string damage;

  // Whole records behind it, and those of them that hold blocks of our log.
  std::uint64_t records_behind = 0;
  std::uint64_t commits_behind = 0;

  // The same before it, and the last blocks there and behind; 0 when there are none.
  std::uint64_t commits_before = 0;
  BlockSeq last_before{0};
  std::uint64_t posts_before = 0;  // in the store up to that block
  BlockSeq last_behind{0};
  std::uint64_t posts_behind = 0;
};

// Error: store_unreadable.
std::expected<LogFileScan, Error> ScanLogFile(const std::filesystem::path& file);

// All write-ahead logs of a store, oldest first.
std::expected<std::vector<LogFileScan>, Error> ScanWriteAheadLogs(const std::filesystem::path& dir);

// What stands before and behind the first damage of a store's logs.
class LogEnd {
 public:
  explicit LogEnd(const std::vector<LogFileScan>& scans);

  bool damaged() const { return damaged_.has_value(); }
  std::uint64_t commits_behind() const { return commits_behind_; }
  std::string Text() const;  // where the damage is, how far the log is whole, what stands behind

 private:
  std::optional<LogFileScan> damaged_;
  BlockSeq last_whole_{0};
  std::uint64_t posts_whole_ = 0;
  std::uint64_t commits_behind_ = 0;
  BlockSeq last_{0};
  std::uint64_t posts_ = 0;
};

}  // namespace tagswell
