// How RocksDB adds two values of the history and of the spellings. Internal to storage/.
#pragma once

#include <rocksdb/merge_operator.h>

namespace tagswell {

// Cells of history_cell.h: counts are summed row by row.
class HistoryMerge : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const rocksdb::Slice& key, const rocksdb::Slice* existing, const rocksdb::Slice& value,
             std::string* merged, rocksdb::Logger* logger) const override;
  const char* Name() const override { return "tagswell.history"; }
};

// Spellings of spellings.h: counts are summed, the eight most used are kept.
class SpellingsMerge : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const rocksdb::Slice& key, const rocksdb::Slice* existing, const rocksdb::Slice& value,
             std::string* merged, rocksdb::Logger* logger) const override;
  const char* Name() const override { return "tagswell.spellings"; }
};

}  // namespace tagswell
