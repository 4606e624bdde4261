#include "storage/database.h"

#include <fcntl.h>
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/listener.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>

#include "storage/kept_files.h"
#include "storage/log_file_scan.h"
#include "storage/rocks_options.h"

namespace tagswell {
namespace {

namespace fs = std::filesystem;

// Hears of what goes wrong in RocksDB's own threads, which no call would tell.
class ErrorListener : public rocksdb::EventListener {
 public:
  ErrorListener(std::atomic<bool>& failed, std::atomic<bool>& out_of_space, std::atomic<bool>& manifest_in_doubt)
      : failed_(failed), out_of_space_(out_of_space), manifest_in_doubt_(manifest_in_doubt) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override {
    using enum rocksdb::BackgroundErrorReason;
    if (reason == kManifestWrite || reason == kManifestWriteNoWAL) manifest_in_doubt_.store(true);
    (error->IsNoSpace() ? out_of_space_ : failed_).store(true);
  }
  // RocksDB has gone on, with a new manifest where the old one was in doubt.
  void OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& info) override {
    if (!info.new_bg_error.ok()) return;
    out_of_space_.store(false);
    manifest_in_doubt_.store(false);
  }

 private:
  std::atomic<bool>& failed_;
  std::atomic<bool>& out_of_space_;
  std::atomic<bool>& manifest_in_doubt_;
};

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

// Best effort: where it cannot be done, nothing depends on it but a power cut in the first second.
void SyncDirectory(const fs::path& dir) {
  const int folder = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  (void)::fsync(folder);
  ::close(folder);
}

// A directory without a database may hold what an interrupted creation left, the folder of other streams' stores, which
// may be opened before this one, and nothing else.
bool LooksNew(const fs::path& dir) {
  return std::ranges::all_of(fs::directory_iterator(dir), [](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    return name == "LOCK" || name == "IDENTITY" || name == "staging" || name == "streams" || name == "lost+found" ||
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
  return Error{.code = status.IsNoSpace() ? "disk_full" : "storage_failed", .detail = "RocksDB: " + status.ToString()};
}

std::expected<std::unique_ptr<Database>, Error> Database::Open(const StoreOptions& options) {
  const std::string path = options.dir.string();
  std::error_code error;
  const bool created = fs::create_directories(options.dir, error);
  if (error) return Unreadable(options.dir, error.message());
  if (created) SyncDirectory(fs::absolute(options.dir).parent_path());
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

  std::unique_ptr<Database> database(new Database(options, Access::kWrite));
  const rocksdb::Status opened = database->OpenAs(Access::kWrite, rocksdb::WALRecoveryMode::kAbsoluteConsistency);
  if (opened.IsCorruption()) {
    if (auto past = database->OpenPastDamage(options, opened); !past) return std::unexpected(past.error());
  } else if (!opened.ok()) {
    return std::unexpected(OpenError(options.dir, opened));
  }
  fs::remove_all(options.dir / "staging", error);
  fs::create_directory(options.dir / "staging", error);
  if (error) return Unreadable(options.dir, error.message());
  return database;
}

std::expected<std::unique_ptr<Database>, Error> Database::OpenForReading(const StoreOptions& options) {
  std::unique_ptr<Database> database(new Database(options, Access::kRead));
  const rocksdb::Status opened = database->OpenAs(Access::kRead, rocksdb::WALRecoveryMode::kPointInTimeRecovery);
  if (!opened.ok()) return std::unexpected(OpenError(options.dir, opened));
  return database;
}

Database::Database(const StoreOptions& options, Access access)
    : dir_(options.dir), env_(KeepFilesWhile(manifest_in_doubt_)) {
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  db_options_ = RocksDbOptions(options, cache, access == Access::kWrite && TakesDirectIo(options.dir));
  db_options_.env = env_.get();
  db_options_.listeners.push_back(std::make_shared<ErrorListener>(failed_, out_of_space_, manifest_in_doubt_));
  descriptors_.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  for (std::size_t i = 0; i < kFamilies; ++i) {
    const Family family{static_cast<unsigned char>(i)};
    descriptors_.emplace_back(std::string(Name(family)), RocksFamilyOptions(family, options, cache, dropped_));
  }
}

rocksdb::Status Database::OpenAs(Access access, rocksdb::WALRecoveryMode mode) {
  db_options_.wal_recovery_mode = mode;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::Status status = access == Access::kWrite
                               ? rocksdb::DB::Open(db_options_, dir_.string(), descriptors_, &handles, &db)
                               : rocksdb::DB::OpenForReadOnly(db_options_, dir_.string(), descriptors_, &handles, &db);
  if (!status.ok()) return status;
  db_.reset(db);
  default_handle_ = handles[0];
  std::copy_n(handles.begin() + 1, kFamilies, handles_.begin());
  return status;
}

// The logs may end in what a crash left half written; that was acknowledged to nobody. Damage with more behind it than
// one write is none of that under `always`, where a block is on the disk before the next one begins.
std::expected<void, Error> Database::OpenPastDamage(const StoreOptions& options, const rocksdb::Status& damage) {
  const auto scans = ScanWriteAheadLogs(dir_);
  if (!scans) return std::unexpected(scans.error());
  const LogEnd end(*scans);
  if (!end.damaged()) return std::unexpected(OpenError(dir_, damage));
  if (options.fsync == FsyncPolicy::kAlways && end.commits_behind() > 1) {
    return std::unexpected(Error{.code = "corrupt_log",
                                 .detail = "the log of " + dir_.string() + " is damaged in its middle: " + end.Text() +
                                           ". Restore a backup; or start with fsync = \"interval\", which goes on with "
                                           "what is whole"});
  }
  const rocksdb::Status opened = OpenAs(Access::kWrite, rocksdb::WALRecoveryMode::kPointInTimeRecovery);
  if (!opened.ok()) return std::unexpected(OpenError(dir_, opened));
  lost_end_ = end.Text();
  return {};
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
  if (!status.IsNoSpace()) failed_.store(true);
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

StagedFile Database::Stage(Family family) {
  return {family, dir_ / "staging" / (std::to_string(staged_.fetch_add(1)) + ".sst")};
}

std::expected<void, Error> Database::Ingest(std::span<const StagedFile> files) {
  if (auto synced = Sync(); !synced) return synced;
  std::vector<rocksdb::IngestExternalFileArg> arguments;
  for (const StagedFile& file : files) {
    rocksdb::IngestExternalFileArg argument;
    argument.column_family = family(file.family());
    argument.external_files = {file.path()};
    argument.options.move_files = true;
    argument.options.write_global_seqno = false;
    arguments.push_back(std::move(argument));
  }
  const rocksdb::Status status = db_->IngestExternalFiles(arguments);
  if (!status.ok()) return std::unexpected(StorageError(status));
  return {};
}

std::expected<void, Error> Database::DeleteFiles(Family family, const std::string& begin, const std::string& end) {
  const rocksdb::Slice begin_slice(begin);
  const rocksdb::Slice end_slice(end);
  const rocksdb::Status status =
      rocksdb::DeleteFilesInRange(db_.get(), this->family(family), &begin_slice, &end_slice, /*include_end=*/false);
  if (!status.ok()) return std::unexpected(StorageError(status));
  return {};
}

std::uint64_t Database::Property(Family family, const char* name) const {
  std::uint64_t value = 0;
  return db_->GetIntProperty(this->family(family), name, &value) ? value : 0;
}

}  // namespace tagswell
