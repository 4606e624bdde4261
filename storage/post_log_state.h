// What a PostLog holds. Internal to post_log*.cc, post_revision.cc, post_erasure.cc and post_dropping.cc.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/block_cache.h"
#include "storage/block_format.h"
#include "storage/database.h"
#include "storage/log_start.h"
#include "storage/post_index.h"
#include "storage/post_log.h"

namespace tagswell {

// Posts that one block takes back: their records as retractions, and where they stand.
struct LeavingPosts {
  std::string records;
  std::vector<std::uint32_t> ends;
  std::vector<Position> positions;  // as are these
  std::vector<PostKey> keys;

  void Add(const StoredPost& post, const PostKey& key);
  std::vector<Position> Sorted() const;
};

struct PostLog::State {
  State(Database& db, PostIndex& post_index, AuditLog& audit_log, HashSalt hash_salt, const StoreOptions& options)
      : database(db),
        index(post_index),
        audit(audit_log),
        salt(hash_salt),
        fsync(options.fsync),
        fsync_interval(options.fsync_interval),
        cache(options.reader_cache_bytes) {}

  // The next one, empty.
  std::shared_ptr<LogBlock> NewBlock(Timestamp clock) const {
    auto block = std::make_shared<LogBlock>();
    block->seq = Next(BlockSeq{last_seq.load()});
    block->clock = std::max(clock, Timestamp{Duration{last_clock.load()}});
    return block;
  }
  std::expected<LogBlock, Error> ReadBlock(BlockSeq seq) const;
  // The blocks from `from` on that were kept when the log's beginning was dropped. False when `visit` said so.
  std::expected<bool, Error> ReadOperations(BlockSeq from, const std::function<bool(const LogBlock&)>& visit) const;
  struct Counts {
    std::uint64_t posts = 0;
    std::uint64_t mentions = 0;
    Timestamp newest = kTimestampMin;  // of the posts
  };
  std::expected<void, Error> Commit(const LogBlock& block, const Counts& counts, rocksdb::WriteBatch& batch);
  // A block without posts, with what else is in the batch.
  std::expected<std::shared_ptr<const LogBlock>, Error> CommitControl(std::shared_ptr<LogBlock> block,
                                                                      std::span<const AuditEntry> entries,
                                                                      rocksdb::WriteBatch& batch);
  // One block, one WriteBatch: takes `leaving` back, then adds what is new of `batches`.
  std::expected<Appended, Error> CommitBatches(std::span<const PostBatch* const> batches, const LeavingPosts& leaving,
                                               Timestamp clock);

  Database& database;
  PostIndex& index;
  AuditLog& audit;
  const HashSalt salt;
  const FsyncPolicy fsync;
  const Duration fsync_interval;
  mutable BlockCache cache;

  std::atomic<std::uint64_t> last_seq{0};  // set when the block is committed
  std::atomic<std::int64_t> last_clock{0};
  std::atomic<std::uint64_t> posts{0};

  // Writer thread only.
  bool broken = false;  // a commit failed: the index in memory knows posts that the log does not hold
  bool unsynced = false;
  Timestamp last_sync = kTimestampMin;
  std::vector<PostKey> keys;
  std::unique_ptr<bool[]> fresh;
  std::size_t fresh_max = 0;
  std::string encoded;

  std::mutex rewrite_mutex;  // one erasure or drop at a time

  mutable std::shared_mutex start_mutex;  // held while a block is got or an iterator made: what is kept is there
  LogStart start;
  // Of DropBefore: a stretch that was read through for nothing, and its newest post.
  std::optional<std::pair<std::uint32_t, Timestamp>> not_due;

  mutable std::mutex oldest_mutex;
  mutable std::optional<std::pair<BlockSeq, Timestamp>> oldest;  // the first block, and its oldest post
};

}  // namespace tagswell
