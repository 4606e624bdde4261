// The RocksDB under a store: its families, its options, and its failures as Errors. Internal to storage/.
// Any thread may call. After the first failed write or sync every later one fails too (storage_failed): what is in
// memory and what is on disk may differ then, and only a restart tells. A full disk is not such a failure: RocksDB
// stops, and goes on by itself once there is room again.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "storage/dropped_rows.h"
#include "storage/family.h"
#include "storage/staged_file.h"
#include "storage/store_options.h"

namespace tagswell {

// storage_failed, or disk_full, with RocksDB's words.
Error StorageError(const rocksdb::Status& status);

class Database {
 public:
  // Errors as Store::Open.
  static std::expected<std::unique_ptr<Database>, Error> Open(const StoreOptions& options);
  // Changes nothing on the disk; writes fail.
  static std::expected<std::unique_ptr<Database>, Error> OpenForReading(const StoreOptions& options);
  ~Database();

  rocksdb::DB& db() { return *db_; }
  rocksdb::ColumnFamilyHandle* family(Family family) const { return handles_[static_cast<std::size_t>(family)]; }
  // For SstFileWriter. Its files go to the disk as they grow and past the page cache where that can be: a large one
  // that is synced at its end would hold up every sync of the log meanwhile.
  rocksdb::Options FileOptions(Family family) const;
  rocksdb::EnvOptions FileEnvironment() const;
  const std::filesystem::path& dir() const { return dir_; }
  // What the open had to leave behind at the log's end; empty when the log was whole.
  const std::string& lost_end() const { return lost_end_; }

  // A write, a sync or RocksDB's own work has failed for good.
  bool failed() const { return failed_.load(); }
  // RocksDB has met a full disk and has not gone on yet: a write now would fail.
  bool out_of_space() const { return out_of_space_.load(); }

  // Errors: storage_failed; disk_full, after which the batch may or may not be there.
  std::expected<void, Error> Write(rocksdb::WriteBatch& batch, bool sync);
  std::expected<void, Error> Sync();
  std::expected<std::optional<std::string>, Error> Get(Family family, std::string_view key,
                                                       const rocksdb::Snapshot* snapshot = nullptr) const;

  // A new file to be written and ingested. Their folder is emptied at open.
  StagedFile Stage(Family family);
  // Adds whole sorted files, all or none, after syncing the log: nothing may outlive the blocks it was made from.
  std::expected<void, Error> Ingest(std::span<const StagedFile> files);

  // Removes the files that hold nothing but keys in [begin, end), at once. A range deletion must answer for the rest.
  std::expected<void, Error> DeleteFiles(Family family, const std::string& begin, const std::string& end);
  DroppedRows& dropped() const { return *dropped_; }

  std::uint64_t Property(Family family, const char* name) const;  // 0 when unknown

 private:
  enum class Access : unsigned char { kWrite, kRead };
  Database(const StoreOptions& options, Access access);
  rocksdb::Status OpenAs(Access access, rocksdb::WALRecoveryMode mode);
  std::expected<void, Error> OpenPastDamage(const StoreOptions& options, const rocksdb::Status& damage);

  std::filesystem::path dir_;
  std::string lost_end_;
  std::atomic<bool> failed_{false};
  std::atomic<bool> out_of_space_{false};
  std::atomic<bool> manifest_in_doubt_{false};
  const std::shared_ptr<DroppedRows> dropped_ = std::make_shared<DroppedRows>();
  std::unique_ptr<rocksdb::Env> env_;
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors_;
  rocksdb::DBOptions db_options_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> handles_{};
  rocksdb::ColumnFamilyHandle* default_handle_ = nullptr;
  std::atomic<std::uint64_t> staged_{0};
};

}  // namespace tagswell
