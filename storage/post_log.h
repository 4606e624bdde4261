// The log: every accepted post, in blocks, in the order of acceptance. The log is the truth; all else is a fold over
// it.
//
// Threads: the writer thread owns Append, Revise, AppendRetraction, AppendControl and SyncIfDue. Everything else may be
// called from any thread. A failed write or sync is fatal for the store: the call and every later one answers
// storage_failed; stop, restart, replay (what a client resends is then a duplicate, not a second count).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/post_batch.h"
#include "proto/post_codec.h"
#include "proto/post_key.h"
#include "proto/time.h"
#include "storage/audit_log.h"
#include "storage/log_block.h"
#include "storage/recent_retractions.h"
#include "storage/store_options.h"

namespace tagswell {

class Database;
class PostIndex;

// What became of one Append.
struct Appended {
  std::shared_ptr<const LogBlock> block;               // null when every post was a duplicate: nothing was written
  std::vector<std::vector<std::uint32_t>> duplicates;  // one entry a batch: which of its posts were seen before
};

// What became of one Revise.
struct Revised {
  std::vector<std::shared_ptr<const LogBlock>> blocks;  // in order; several where the batch changes its own posts
  std::vector<std::uint32_t> duplicates;                // places of the posts that were seen before, ascending
  std::uint64_t retracted = 0;                          // posts that were taken back or replaced
  std::uint64_t unknown = 0;                            // deletions of what is not there
};

// A post read back. `record` views into `block`, which it keeps alive.
struct StoredPost {
  std::shared_ptr<const LogBlock> block;
  Position position;
  Record record;
};

// A retracted post whose bytes still stand in its block.
struct PendingErasure {
  Position post;
  Position retraction;
};

// How much is read out of the log: posts that are asked for, and the blocks that hold them, each of which is unpacked
// whole. A block takes ten microseconds, a megabyte of its records 0.3 milliseconds.
struct ReadBounds {
  std::size_t posts = std::numeric_limits<std::size_t>::max() - 1;
  std::size_t blocks = std::numeric_limits<std::size_t>::max();
  std::uint64_t bytes = std::numeric_limits<std::uint64_t>::max();
};

class PostLog {
 public:
  ~PostLog();

  // Writes one block with every post of `batches` that is new, in one WriteBatch, durable by the fsync policy.
  // A post is a duplicate when its key came earlier in `batches` or within the horizon. `clock` is the engine's time
  // floor at this commit and must not go back. No batches: an empty tick block.
  std::expected<Appended, Error> Append(std::span<const PostBatch* const> batches, Timestamp clock);

  // The same for one batch that also takes posts back or replaces them. What is said of a stored post is in the log
  // whole or not at all: a retraction stands in the block of the post that replaces it, before it. A replacement that
  // says what is stored already is a duplicate. `batch.changes` is not looked at by Append.
  std::expected<Revised, Error> Revise(const PostBatch& batch, Timestamp clock);

  // Takes the post at `post` back: writes a block with one kRetraction record (the post once more). From then on
  // Find does not return it and the same id counts as new. Error: not_found when no post stands there (any more).
  // The post's bytes stay until EraseUpTo: a fold from an older checkpoint must still see the post that the
  // retraction will subtract.
  std::expected<std::shared_ptr<const LogBlock>, Error> AppendRetraction(Position post, Timestamp clock);

  // Writes one block with a kControl record for each change. `audit` goes into the audit log in the same write.
  std::expected<std::shared_ptr<const LogBlock>, Error> AppendControl(std::span<const BlockChange> changes,
                                                                      Timestamp clock,
                                                                      std::span<const AuditEntry> audit = {});
  std::expected<std::shared_ptr<const LogBlock>, Error> AppendControl(const AliasChange& change, Timestamp clock,
                                                                      std::span<const AuditEntry> audit = {});
  std::expected<std::shared_ptr<const LogBlock>, Error> AppendControl(const ReviewChange& change, Timestamp clock,
                                                                      std::span<const AuditEntry> audit = {});

  // The blocks that change aliases, ascending.
  std::expected<std::vector<BlockSeq>, Error> AliasBlocks() const;

  // Syncs when the policy is kInterval, something is unsynced, and the last sync is `fsync_interval` or more before
  // `now`. `now` is any clock that does not go back.
  std::expected<void, Error> SyncIfDue(Timestamp now);

  // Makes all that was appended durable, whatever the policy.
  std::expected<void, Error> Sync();

  // Calls `visit` with each block from `from` on, in order, until it answers false. Of what was dropped these are the
  // blocks of control records, for what operators say holds for ever. Error: corrupt_block, naming the block; the
  // blocks before it have been visited.
  std::expected<void, Error> Read(BlockSeq from, const std::function<bool(const LogBlock&)>& visit) const;

  // One block, through the cache of decompressed blocks. Errors: not_found (so that was dropped, too), corrupt_block.
  std::expected<std::shared_ptr<const LogBlock>, Error> Block(BlockSeq seq) const;

  BlockSeq FirstSeq() const;        // of the oldest block that is kept: 1 until DropBefore has dropped some
  BlockSeq LastSeq() const;         // 0 when the log is empty
  Timestamp LastClock() const;      // of the last block; kTimestampMin when the log is empty
  std::uint64_t PostCount() const;  // posts accepted since the store was created

  // The post of that key, or nothing when it is unknown or retracted.
  std::expected<std::optional<StoredPost>, Error> Find(const PostKey& key) const;

  // The post at a position, or nothing when it was retracted, in `as_of` or a block before it. What was retracted later
  // is there until EraseUpTo has come to the retraction: a fold sees the log as it was.
  std::expected<std::optional<StoredPost>, Error> At(Position position, BlockSeq as_of = kEndOfLog) const;

  // Up to `limit` posts that mention `topic` and stand before `before` (the end of the log when absent), newest first
  // in the order of acceptance. Posts accepted a moment ago appear once the indexer has passed them.
  std::expected<std::vector<StoredPost>, Error> PostsOf(std::string_view topic, std::optional<Position> before,
                                                        std::size_t limit) const;

  // The oldest posts that mention `topic`, in the order of acceptance, less those taken back, within the bounds. Where
  // a quarter of the blocks or bytes does not bring all of the first bounds.posts, the rest goes to those blocks where
  // the topic stands most. True when these are all there are.
  std::expected<bool, Error> FirstPostsOf(std::string_view topic, const ReadBounds& bounds,
                                          const std::function<void(Position, const Post&)>& visit) const;

  // The posts that were taken back last. A retraction is among them before its commit is answered.
  const RecentRetractions& retractions() const;

  // When the oldest post that is kept was written; none in an empty log. O(1) but for the first call after a drop.
  std::expected<std::optional<Timestamp>, Error> OldestPost() const;

  // Drops the log's beginning with all that points there: whole stretches in which nothing was accepted or written at
  // `before` or later, and which end at or before `folded`. That must not be later than any state that may be folded on
  // from: Store::DropExpired knows it. A few stretches a call; all of a call's or, after a crash, nothing. Returns how
  // many posts. Indexer thread. O(posts that go), half a microsecond each.
  std::expected<std::uint64_t, Error> DropBefore(Timestamp before, BlockSeq folded);

  // Posts accepted up to the end of that block; 0 for block 0. Of a block that was dropped: up to the oldest one kept.
  // Error: corrupt_block.
  std::expected<std::uint64_t, Error> PostsThrough(BlockSeq seq) const;

  // Retractions whose posts' bytes are still there. Durable.
  std::expected<std::vector<PendingErasure>, Error> PendingErasures() const;

  // Puts a kHole in place of every retracted post whose retraction stands at or before `folded`, and in place of the
  // retraction itself, so that a fold from any point sees both or neither. `folded` must not be later than any state
  // that may be folded on from: Store::EraseRetracted knows it. Returns how many posts were erased.
  std::expected<std::size_t, Error> EraseUpTo(BlockSeq folded);

 private:
  friend class Store;
  struct State;
  PostLog(Database& database, PostIndex& index, AuditLog& audit, HashSalt salt, const StoreOptions& options);
  std::expected<void, Error> Open();

  std::unique_ptr<State> state_;
};

}  // namespace tagswell
