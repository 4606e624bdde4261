#include "storage/database.h"

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>

#include "storage/rocks_options.h"

namespace tagswell {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> Unreadable(const fs::path& dir, const std::string& why) {
  return std::unexpected(
      Error{.code = "store_unreadable", .detail = "cannot open the store " + dir.string() + ": " + why});
}

std::unexpected<Error> Foreign(const fs::path& dir, const std::string& why) {
  return std::unexpected(
      Error{.code = "store_foreign", .detail = dir.string() + " is not a store of this version: " + why});
}

bool TakesDirectIo(const fs::path& dir) {
  const fs::path probe = dir / "direct-io-probe.tmp";
  const int file = ::open(probe.c_str(), O_CREAT | O_WRONLY | O_DIRECT | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  std::error_code ignored;
  fs::remove(probe, ignored);
  return file >= 0;
}

// A directory without a database may hold what an interrupted creation left, and nothing else.
bool LooksNew(const fs::path& dir) {
  return std::ranges::all_of(fs::directory_iterator(dir), [](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    return name == "LOCK" || name == "IDENTITY" || name == "staging" || name == "lost+found" ||
           name.starts_with("MANIFEST-") || name.ends_with(".log") || name.ends_with(".dbtmp");
  });
}

Error OpenError(const fs::path& dir, const rocksdb::Status& status) {
  const std::string words = status.ToString();
  if (status.IsIOError() && words.find("lock") != std::string::npos) {
    return Error{.code = "store_locked", .detail = "another process holds the store " + dir.string()};
  }
  if (status.IsInvalidArgument()) return Foreign(dir, words).error();
  return Unreadable(dir, words).error();
}

}  // namespace

Error StorageError(const rocksdb::Status& status) {
  return Error{.code = "storage_failed", .detail = "RocksDB: " + status.ToString()};
}

std::expected<std::unique_ptr<Database>, Error> Database::Open(const StoreOptions& options) {
  std::unique_ptr<Database> database(new Database);
  database->dir_ = options.dir;
  const std::string path = options.dir.string();
  std::error_code error;
  fs::create_directories(options.dir, error);
  if (error) return Unreadable(options.dir, error.message());
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) return Unreadable(options.dir, "no permission");

  if (fs::exists(options.dir / "CURRENT", error)) {
    std::vector<std::string> names;
    const rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), path, &names);
    if (!listed.ok()) return std::unexpected(OpenError(options.dir, listed));
    for (const std::string& name : names) {
      bool known = name == rocksdb::kDefaultColumnFamilyName;
      for (std::size_t i = 0; i < kFamilies; ++i) known |= name == Name(Family{static_cast<unsigned char>(i)});
      if (!known) return Foreign(options.dir, "unknown column family " + name);
    }
  } else if (!LooksNew(options.dir)) {
    return Foreign(options.dir, "the directory holds other files");
  }

  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  database->db_options_ = RocksDbOptions(options, cache, TakesDirectIo(options.dir));
  database->descriptors_.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  for (std::size_t i = 0; i < kFamilies; ++i) {
    const Family family{static_cast<unsigned char>(i)};
    database->descriptors_.emplace_back(std::string(Name(family)), RocksFamilyOptions(family, options, cache));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(database->db_options_, path, database->descriptors_, &handles, &db);
  if (!opened.ok()) return std::unexpected(OpenError(options.dir, opened));
  database->db_.reset(db);
  database->default_handle_ = handles[0];
  std::copy_n(handles.begin() + 1, kFamilies, database->handles_.begin());

  fs::remove_all(options.dir / "staging", error);
  fs::create_directory(options.dir / "staging", error);
  if (error) return Unreadable(options.dir, error.message());
  return database;
}

Database::~Database() {
  if (!db_) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  db_->DestroyColumnFamilyHandle(default_handle_);
}

rocksdb::Options Database::FileOptions(Family family) const {
  return {db_options_, descriptors_[static_cast<std::size_t>(family) + 1].options};
}

rocksdb::EnvOptions Database::FileEnvironment() const {
  rocksdb::EnvOptions environment(db_options_);
  environment.use_direct_writes = db_options_.use_direct_io_for_flush_and_compaction;
  return environment;
}

std::expected<void, Error> Database::Write(rocksdb::WriteBatch& batch, bool sync) {
  if (failed_.load()) return std::unexpected(Error{"storage_failed", "an earlier write failed: restart"});
  rocksdb::WriteOptions options;
  options.sync = sync;
  const rocksdb::Status status = db_->Write(options, &batch);
  if (status.ok()) return {};
  failed_.store(true);
  return std::unexpected(StorageError(status));
}

std::expected<void, Error> Database::Sync() {
  if (failed_.load()) return std::unexpected(Error{"storage_failed", "an earlier write failed: restart"});
  const rocksdb::Status status = db_->FlushWAL(/*sync=*/true);
  if (status.ok()) return {};
  failed_.store(true);
  return std::unexpected(StorageError(status));
}

std::expected<std::optional<std::string>, Error> Database::Get(Family family, std::string_view key,
                                                               const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  std::string value;
  const rocksdb::Status status =
      db_->Get(options, this->family(family), rocksdb::Slice(key.data(), key.size()), &value);
  if (status.ok()) return value;
  if (status.IsNotFound()) return std::nullopt;
  return std::unexpected(StorageError(status));
}

fs::path Database::StagingFile() {
  return dir_ / "staging" / (std::to_string(staged_.fetch_add(1)) + ".sst");
}

std::expected<void, Error> Database::Ingest(const std::vector<SortedFile>& files) {
  if (auto synced = Sync(); !synced) return synced;
  std::vector<rocksdb::IngestExternalFileArg> arguments;
  for (const SortedFile& file : files) {
    rocksdb::IngestExternalFileArg argument;
    argument.column_family = family(file.family);
    argument.external_files = {file.path.string()};
    argument.options.move_files = true;
    argument.options.write_global_seqno = false;
    arguments.push_back(std::move(argument));
  }
  const rocksdb::Status status = db_->IngestExternalFiles(arguments);
  std::error_code ignored;
  for (const SortedFile& file : files) fs::remove(file.path, ignored);
  if (!status.ok()) return std::unexpected(StorageError(status));
  return {};
}

std::uint64_t Database::Property(Family family, const char* name) const {
  std::uint64_t value = 0;
  return db_->GetIntProperty(this->family(family), name, &value) ? value : 0;
}

}  // namespace tagswell
