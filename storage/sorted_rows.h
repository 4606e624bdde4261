// Rows that are gathered in any order and written as one sorted file, which comes into the store past the write-ahead
// log and the memtables: a large write through those would hold up every other one. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "storage/database.h"
#include "storage/staged_file.h"

namespace tagswell {

class SortedRows {
 public:
  // Each key at most once.
  void Put(std::string_view key, std::string_view value) { Add(key, value, /*merged=*/false); }
  void Merge(std::string_view key, std::string_view value) { Add(key, value, /*merged=*/true); }

  bool empty() const { return rows_.empty(); }

  // Writes a file for Database::Ingest. O(rows * log rows). Error: storage_failed.
  std::expected<StagedFile, Error> WriteFile(Database& database, Family family);

 private:
  struct Row {
    const char* begin;  // of the key; the value follows
    std::uint32_t key_size;
    std::uint32_t value_size;
    bool merged;
  };
  void Add(std::string_view key, std::string_view value, bool merged);
  std::string_view KeyOf(const Row& row) const { return {row.begin, row.key_size}; }

  std::vector<std::string> pages_;  // of bytes; none grows, so that they stay where they are
  std::vector<Row> rows_;
};

}  // namespace tagswell
