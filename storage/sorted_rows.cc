#include "storage/sorted_rows.h"

#include <rocksdb/sst_file_writer.h>

#include <algorithm>

namespace tagswell {

void SortedRows::Add(std::string_view key, std::string_view value, bool merged) {
  rows_.push_back({.begin = bytes_.size(),
                   .key_size = static_cast<std::uint32_t>(key.size()),
                   .value_size = static_cast<std::uint32_t>(value.size()),
                   .merged = merged});
  bytes_.append(key).append(value);
}

std::expected<Database::SortedFile, Error> SortedRows::WriteFile(Database& database, Family family) {
  std::ranges::sort(rows_, {}, [this](const Row& row) { return KeyOf(row); });
  Database::SortedFile file{.family = family, .path = database.StagingFile()};
  rocksdb::SstFileWriter writer(database.FileEnvironment(), database.FileOptions(family));
  rocksdb::Status status = writer.Open(file.path.string());
  for (const Row& row : rows_) {
    if (!status.ok()) break;
    const rocksdb::Slice key(bytes_.data() + row.begin, row.key_size);
    const rocksdb::Slice value(key.data() + key.size(), row.value_size);
    status = row.merged ? writer.Merge(key, value) : writer.Put(key, value);
  }
  if (status.ok()) status = writer.Finish();
  if (!status.ok()) return std::unexpected(StorageError(status));
  return file;
}

}  // namespace tagswell
