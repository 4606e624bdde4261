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

namespace tagswell {

class SortedRows {
 public:
  // Each key at most once.
  void Put(std::string_view key, std::string_view value) { Add(key, value, /*merged=*/false); }
  void Merge(std::string_view key, std::string_view value) { Add(key, value, /*merged=*/true); }

  bool empty() const { return rows_.empty(); }

  // Writes a staging file for Database::Ingest. O(rows * log rows). Error: storage_failed.
  std::expected<Database::SortedFile, Error> WriteFile(Database& database, Family family);

 private:
  struct Row {
    std::size_t begin;  // of the key in bytes_; the value follows
    std::uint32_t key_size;
    std::uint32_t value_size;
    bool merged;
  };
  void Add(std::string_view key, std::string_view value, bool merged);
  std::string_view KeyOf(const Row& row) const { return std::string_view(bytes_).substr(row.begin, row.key_size); }

  std::string bytes_;
  std::vector<Row> rows_;
};

}  // namespace tagswell
