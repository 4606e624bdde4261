#include "storage/sorted_rows.h"

#include <rocksdb/sst_file_writer.h>

#include <algorithm>

namespace tagswell {
namespace {

constexpr std::size_t kPageBytes = 1 << 20;

}  // namespace

void SortedRows::Add(std::string_view key, std::string_view value, bool merged) {
  const std::size_t bytes = key.size() + value.size();
  if (pages_.empty() || pages_.back().capacity() - pages_.back().size() < bytes)
    pages_.emplace_back().reserve(std::max(kPageBytes, bytes));
  rows_.push_back({.begin = pages_.back().data() + pages_.back().size(),
                   .key_size = static_cast<std::uint32_t>(key.size()),
                   .value_size = static_cast<std::uint32_t>(value.size()),
                   .merged = merged});
  pages_.back().append(key).append(value);
}

std::expected<StagedFile, Error> SortedRows::WriteFile(Database& database, Family family) {
  std::ranges::sort(rows_, {}, [this](const Row& row) { return KeyOf(row); });
  StagedFile file = database.Stage(family);
  rocksdb::SstFileWriter writer(database.FileEnvironment(), database.FileOptions(family));
  rocksdb::Status status = writer.Open(file.path());
  for (const Row& row : rows_) {
    if (!status.ok()) break;
    const rocksdb::Slice key(row.begin, row.key_size);
    const rocksdb::Slice value(key.data() + key.size(), row.value_size);
    status = row.merged ? writer.Merge(key, value) : writer.Put(key, value);
  }
  if (status.ok()) status = writer.Finish();
  if (!status.ok()) return std::unexpected(StorageError(status));
  return file;
}

}  // namespace tagswell
