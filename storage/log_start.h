// Where the log begins once its beginning was dropped: one row of meta, written with the drop itself, so that a crash
// leaves all of it or nothing. Internal to storage/.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "proto/error.h"
#include "proto/time.h"
#include "storage/log_block.h"

namespace tagswell {

class Database;

struct LogStart {
  BlockSeq block{1};                         // the oldest that is kept
  std::uint32_t stretch = 0;                 // it begins with this block
  Timestamp newest_dropped = kTimestampMin;  // `created_at` of the newest post that was dropped

  std::string Encode() const;
  // That of a new store when nothing was dropped. Errors: storage_failed.
  static std::expected<LogStart, Error> Load(const Database& database);
};

}  // namespace tagswell
