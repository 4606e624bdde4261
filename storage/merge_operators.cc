#include "storage/merge_operators.h"

#include "storage/history_cell.h"
#include "storage/spellings.h"

namespace tagswell {
namespace {

// A value that does not decode fails the merge: RocksDB then answers Corruption, which surfaces as an Error.
template <typename Cell>
bool Add(const rocksdb::Slice* existing, const rocksdb::Slice& value, std::string* merged) {
  if (existing == nullptr) {
    merged->assign(value.data(), value.size());
    return true;
  }
  Cell sum;
  if (!sum.AddStored({existing->data(), existing->size()}) || !sum.AddStored({value.data(), value.size()}))
    return false;
  merged->clear();
  sum.Encode(*merged);
  return true;
}

}  // namespace

bool HistoryMerge::Merge(const rocksdb::Slice& /*key*/, const rocksdb::Slice* existing, const rocksdb::Slice& value,
                         std::string* merged, rocksdb::Logger* /*logger*/) const {
  return Add<HistoryCell>(existing, value, merged);
}

bool SpellingsMerge::Merge(const rocksdb::Slice& /*key*/, const rocksdb::Slice* existing, const rocksdb::Slice& value,
                           std::string* merged, rocksdb::Logger* /*logger*/) const {
  return Add<Spellings>(existing, value, merged);
}

}  // namespace tagswell
