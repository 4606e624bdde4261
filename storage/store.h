// A store on disk: one RocksDB in one directory, with a room for each kind of thing. See docs/storage-format.md.
//
// One process may hold it. The writer thread appends to log(); the indexer thread calls IndexBlock for each block in
// order; the rest is written at each part.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "proto/alias_groups.h"
#include "proto/error.h"
#include "proto/post_key.h"
#include "storage/audit_log.h"
#include "storage/author_removals.h"
#include "storage/board_log.h"
#include "storage/checkpoints.h"
#include "storage/event_log.h"
#include "storage/fasp_table.h"
#include "storage/history.h"
#include "storage/log_block.h"
#include "storage/post_index.h"
#include "storage/post_log.h"
#include "storage/retention.h"
#include "storage/store_options.h"
#include "storage/webhook_table.h"

namespace tagswell {

struct StoreStats {
  std::uint64_t sorted_bytes = 0;  // sorted files on disk; the write-ahead log is at most the memtables
  std::uint64_t free_bytes = 0;    // of the file system, at the last look
  std::uint64_t memtable_bytes = 0;
  std::uint64_t block_cache_bytes = 0;
  std::uint64_t index_bytes = 0;  // memory of filters and young index

  std::uint64_t bytes() const { return sorted_bytes + memtable_bytes; }  // of the store, on disk or on its way there
};

class Store {
 public:
  // Opens or creates the store, and folds what the index and the history have not seen yet: when it returns, both stand
  // at LastSeq(). Errors: bad_store_options, store_locked (another process has it), store_unreadable (directory or
  // file cannot be opened), store_foreign (not a store of ours, or of another version), corrupt_log (whole blocks
  // stand behind damage), corrupt_block, storage_failed.
  static std::expected<std::unique_ptr<Store>, Error> Open(const StoreOptions& options);

  // The same in two steps, so that the engine can fold the log meanwhile. Between them log(), events() and
  // checkpoints() may be read, and events appended, from another thread; nothing else. CatchUp is called once.
  static std::expected<std::unique_ptr<Store>, Error> OpenLog(const StoreOptions& options);
  std::expected<void, Error> CatchUp();
  ~Store();

  // What the open had to leave behind at the log's end, for a warning; empty when the log was whole.
  const std::string& lost_end() const;

  HashSalt salt() const;
  const std::string& epoch() const;  // 16 hex digits, drawn when the store was created

  AuditLog& audit();
  AuthorRemovals& removals();
  WebhookTable& webhooks();
  FaspTable& fasp();
  PostLog& log();
  PostIndex& index();
  History& history();
  EventLog& events();
  BoardLog& boards();
  Checkpoints& checkpoints();

  // The groups as far as the index and the history have come: what they hold of a topic stands under
  // groups()->KeyOf(topic), and boards of the history leave out what the groups do not show. Any thread.
  std::shared_ptr<const AliasGroups> groups() const;

  // Indexer thread: adds one block, the next one in order, to the topic index and the history; writes index files and
  // history when they are due. After disk_full the block is added nevertheless and the files are tried again with the
  // next one; any other error is final: what was to be written is folded again from the log after a restart.
  std::expected<void, Error> IndexBlock(const LogBlock& block);

  // Erases the bytes of retracted posts, as far as every kept checkpoint and the history on disk have passed the
  // retraction. Call after Checkpoints::Save. Returns how many were erased.
  std::expected<std::size_t, Error> EraseRetracted();

  // Drops what StoreOptions::retention says is old at `now`, the stream's time at the newest kept checkpoint: so the
  // same log drops the same. Nothing goes that a fold may need, see PostLog::DropBefore. Indexer thread. Call after
  // Checkpoints::Save.
  std::expected<Dropped, Error> DropExpired(Timestamp now);

  // Fewer than three write buffers are free on the disk, or RocksDB has met its end: answer 507 and write nothing. Any
  // thread; two loads. The look itself is taken at every RefreshFreeBytes (before each commit; 2 µs) and at open.
  bool FreeBytesLow() const;
  void RefreshFreeBytes();

  // A write or a sync has failed, here or in RocksDB's own threads: only a restart helps. Any thread; a load.
  bool failed() const;

  // A consistent copy into a directory that does not exist yet; files are linked where possible. Any thread.
  std::expected<void, Error> CheckpointTo(const std::filesystem::path& dir);

  StoreStats Stats() const;

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
