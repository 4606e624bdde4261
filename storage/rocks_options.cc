#include "storage/rocks_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <functional>
#include <string>

#include "storage/merge_operators.h"

namespace tagswell {
namespace {

// Where nothing new comes to be compacted, a file is rewritten after so long, for what was dropped of it.
constexpr std::uint64_t kDroppedRowsStaySeconds = 7 * 86'400;

// RocksDB's own logger aborts the process when the disk is full; ours keeps no file.
class LineLogger : public rocksdb::Logger {
 public:
  explicit LineLogger(std::function<void(std::string_view)> log_line)
      : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), log_line_(std::move(log_line)) {}

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    if (!log_line_) return;
    char line[1024];
    const int length = std::vsnprintf(line, sizeof(line), format, arguments);
    if (length > 0) log_line_(std::string_view(line, std::min(sizeof(line) - 1, static_cast<std::size_t>(length))));
  }

 private:
  std::function<void(std::string_view)> log_line_;
};

// RocksDB times its own file operations when somebody listens.
class SyncListener : public rocksdb::EventListener {
 public:
  explicit SyncListener(std::function<void(double)> on_sync) : on_sync_(std::move(on_sync)) {}

  bool ShouldBeNotifiedOnFileIO() override { return true; }
  void OnFileSyncFinish(const rocksdb::FileOperationInfo& info) override {
    if (info.path.ends_with(".log")) on_sync_(std::chrono::duration<double>(info.duration).count());
  }

 private:
  std::function<void(double)> on_sync_;
};

// A file of a flood holds millions of keys: a filter in one piece takes eight bytes for each while it is made, and is
// read whole to ask for one.
void FilterInPieces(rocksdb::BlockBasedTableOptions& table) {
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
}

}  // namespace

std::string_view Name(Family family) {
  constexpr std::array<std::string_view, kFamilies> kNames = {"log",    "ids",         "topics", "history", "spellings",
                                                              "events", "checkpoints", "meta",   "boards"};
  return kNames[static_cast<std::size_t>(family)];
}

rocksdb::DBOptions RocksDbOptions(const StoreOptions& options, const std::shared_ptr<rocksdb::Cache>& cache,
                                  bool direct_io) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  db.info_log = std::make_shared<LineLogger>(options.log_line);
  // Recycled log files would make damage look like an old end, so they stay off. Database::Open chooses how a damaged
  // log is read.
  db.track_and_verify_wals_in_manifest = true;
  db.paranoid_checks = true;
  db.atomic_flush = true;
  db.max_open_files = 4096;    // 7.8 misbehaves from 20,000 on
  db.max_background_jobs = 2;  // the machine belongs to parsing and counting
  // Nobody waits for a flush or a compaction while there is room for the next memtable.
  for (const auto pool : {rocksdb::Env::Priority::LOW, rocksdb::Env::Priority::HIGH}) {
    (void)db.env->LowerThreadPoolCPUPriority(pool, rocksdb::CpuPriority::kLow);
  }
  db.use_direct_io_for_flush_and_compaction = direct_io;  // what is flushed is rarely read soon
  db.bytes_per_sync = direct_io ? 0 : 1 << 20;
  // Spread a lazy log's writing; with a sync a block there is nothing to spread.
  db.wal_bytes_per_sync = options.fsync == FsyncPolicy::kAlways ? 0 : 1 << 20;
  db.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes * 3, cache, /*allow_stall=*/false);
  if (options.on_sync) db.listeners.push_back(std::make_shared<SyncListener>(options.on_sync));
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  return db;
}

rocksdb::ColumnFamilyOptions RocksFamilyOptions(Family family, const StoreOptions& options,
                                                const std::shared_ptr<rocksdb::Cache>& cache,
                                                const std::shared_ptr<const DroppedRows>& dropped) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.checksum = rocksdb::kXXH3;  // Debian's CRC is computed in software
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;

  rocksdb::ColumnFamilyOptions column;
  column.compression = rocksdb::kZSTD;
  column.compression_opts.level = 1;
  column.write_buffer_size = options.write_buffer_bytes / 4;
  switch (family) {
    case Family::kLog:
      column.write_buffer_size = options.write_buffer_bytes;
      column.compression = rocksdb::kNoCompression;  // blocks are compressed by us
      break;
    case Family::kCheckpoints:
      column.compression = rocksdb::kNoCompression;  // written often, read once, and mostly hashes
      break;
    case Family::kHistory:
      column.merge_operator = std::make_shared<HistoryMerge>();
      FilterInPieces(table);  // most hours of a topic do not exist
      table.block_size = 16 << 10;
      break;
    case Family::kSpellings:
      column.merge_operator = std::make_shared<SpellingsMerge>();
      FilterInPieces(table);
      table.block_size = 16 << 10;
      break;
    case Family::kMeta:
      table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));  // "was this position retracted?"
      break;
    case Family::kIds:
      column.compression = rocksdb::kNoCompression;  // pages are random bits
      break;
    case Family::kBoards:
      table.block_size = 32 << 10;  // one minute's board is nearly that of the minute before
      column.compaction_filter_factory = DropsBoards(dropped);
      column.periodic_compaction_seconds = options.retention.events > Duration{0} ? kDroppedRowsStaySeconds : 0;
      break;
    case Family::kTopics:
      column.compaction_filter_factory = DropsTopics(dropped);
      column.periodic_compaction_seconds = options.retention.posts > Duration{0} ? kDroppedRowsStaySeconds : 0;
      break;
    case Family::kEvents:
      break;
  }
  column.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return column;
}

}  // namespace tagswell
