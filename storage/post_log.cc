#include "storage/post_log.h"

#include <rocksdb/iterator.h>

#include <algorithm>
#include <utility>

#include "storage/meta_keys.h"
#include "storage/post_log_state.h"

namespace tagswell {
namespace {

Error TooLarge() {
  return Error{.code = "block_too_large", .detail = "one block holds at most 16,777,215 posts and 1 GiB"};
}

// Copies the fresh posts of the batches into one block; `fresh` runs over all posts of all batches.
void Gather(std::span<const PostBatch* const> batches, std::span<const bool> fresh, LogBlock& block,
            std::vector<std::vector<std::uint32_t>>& duplicates) {
  duplicates.resize(batches.size());
  std::size_t post = 0;
  for (std::size_t b = 0; b < batches.size(); ++b) {
    const PostBatch& batch = *batches[b];
    for (std::size_t i = 0; i < batch.size(); ++i, ++post) {
      if (!fresh[post]) {
        duplicates[b].push_back(static_cast<std::uint32_t>(i));
        continue;
      }
      // A run of fresh posts is copied at once.
      const std::size_t run_begin = i;
      const std::uint32_t bytes_begin = i == 0 ? 0 : batch.ends[i - 1];
      const auto base = static_cast<std::uint32_t>(block.records.size()) - bytes_begin;
      while (i + 1 < batch.size() && fresh[post + 1]) ++i, ++post;
      block.records.append(batch.records, bytes_begin, batch.ends[i] - bytes_begin);
      for (std::size_t r = run_begin; r <= i; ++r) block.ends.push_back(base + batch.ends[r]);
    }
  }
}

}  // namespace

PostLog::PostLog(Database& database, PostIndex& index, AuditLog& audit, HashSalt salt, const StoreOptions& options)
    : state_(std::make_unique<State>(database, index, audit, salt, options)) {}
PostLog::~PostLog() = default;

std::expected<void, Error> PostLog::Open() {
  const auto start = LogStart::Load(state_->database);
  if (!start) return std::unexpected(start.error());
  state_->start = *start;
  const std::unique_ptr<rocksdb::Iterator> it(
      state_->database.db().NewIterator(rocksdb::ReadOptions(), state_->database.family(Family::kLog)));
  it->SeekToLast();
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  if (!it->Valid()) return {};
  if (it->key().size() != sizeof(BlockSeq)) {
    return std::unexpected(Error{.code = "corrupt_block", .detail = "the log holds a key that is no block number"});
  }
  const BlockSeq seq{LoadBig<std::uint64_t>({it->key().data(), it->key().size()})};
  const auto header = DecodeBlockHeader(seq, {it->value().data(), it->value().size()});
  if (!header) return std::unexpected(header.error());
  state_->last_seq = static_cast<std::uint64_t>(seq);
  state_->last_clock = header->clock.time_since_epoch().count();
  state_->posts = header->posts_before + header->posts;
  return {};
}

std::expected<void, Error> PostLog::State::Commit(const LogBlock& block, const Counts& counts,
                                                  rocksdb::WriteBatch& batch) {
  EncodeBlock(block, {.posts = static_cast<std::uint32_t>(counts.posts), .posts_before = posts}, encoded);
  batch.Put(database.family(Family::kLog), BlockKey(block.seq), encoded);
  if (auto written = database.Write(batch, fsync == FsyncPolicy::kAlways); !written) {
    broken = true;
    return written;
  }
  unsynced = fsync != FsyncPolicy::kAlways;
  posts += counts.posts;
  last_clock = block.clock.time_since_epoch().count();
  last_seq.store(static_cast<std::uint64_t>(block.seq), std::memory_order_release);
  index.EndBlock(block.seq, block.clock, counts.newest, counts.mentions);
  return {};
}

std::expected<Appended, Error> PostLog::Append(std::span<const PostBatch* const> batches, Timestamp clock) {
  return state_->CommitBatches(batches, {}, clock);
}

std::expected<Appended, Error> PostLog::State::CommitBatches(std::span<const PostBatch* const> batches,
                                                             const LeavingPosts& leaving, Timestamp clock) {
  // A post of the failed commit would be taken for a duplicate, and so be acknowledged.
  if (broken) return std::unexpected(Error{"storage_failed", "an earlier write failed: restart"});
  std::size_t total = 0;
  std::size_t bytes = leaving.records.size();
  std::uint64_t mentions = 0;  // those of duplicates, too: it is a bound
  Timestamp newest = kTimestampMin;
  for (const PostBatch* batch : batches) {
    total += batch->size();
    mentions += batch->mentions;
    newest = std::max(newest, batch->newest);
    bytes += batch->records.size();
  }
  if (total + leaving.ends.size() > kBlockPostsMax || bytes > kBlockBytesMax) return std::unexpected(TooLarge());

  std::span<const PostKey> batch_keys;
  if (batches.size() == 1) {
    batch_keys = batches[0]->keys;
  } else {
    keys.clear();
    for (const PostBatch* batch : batches) keys.insert(keys.end(), batch->keys.begin(), batch->keys.end());
    batch_keys = keys;
  }
  if (total > fresh_max) {
    fresh_max = total;
    fresh = std::make_unique<bool[]>(total);
  }
  const std::span<bool> is_fresh(fresh.get(), total);

  auto block = NewBlock(clock);
  for (std::size_t i = 0; i < leaving.keys.size(); ++i) index.Forget(leaving.keys[i], leaving.positions[i]);
  const Position first{.block = block->seq, .index = static_cast<std::uint32_t>(leaving.ends.size())};
  if (auto admitted = index.Admit(batch_keys, first, is_fresh, leaving.Sorted()); !admitted)
    return std::unexpected(admitted.error());
  Appended appended;
  block->records.reserve(bytes);
  block->ends.reserve(total + leaving.ends.size());
  block->records.append(leaving.records);
  block->ends.assign(leaving.ends.begin(), leaving.ends.end());
  Gather(batches, is_fresh, *block, appended.duplicates);
  if (total > 0 && block->ends.empty()) return appended;

  rocksdb::WriteBatch batch(block->records.size() / 2 + 256);
  for (std::uint32_t i = 0; i < leaving.positions.size(); ++i) {
    std::string erase_value;
    AppendPosition(leaving.positions[i], erase_value);
    rocksdb::ColumnFamilyHandle* meta = database.family(Family::kMeta);
    batch.Put(meta, PositionKey(kRetractedPrefix, leaving.positions[i]), BlockKey(block->seq));
    batch.Put(meta, PositionKey(kErasePrefix, {.block = block->seq, .index = i}), erase_value);
  }
  if (auto committed =
          Commit(*block, {.posts = block->size() - leaving.ends.size(), .mentions = mentions, .newest = newest}, batch);
      !committed) {
    return std::unexpected(committed.error());
  }
  // Behind the commit: who read such a post before finds it here afterwards.
  for (const Position& position : leaving.positions) index.retractions().Add(position);
  appended.block = std::move(block);
  return appended;
}

std::expected<void, Error> PostLog::SyncIfDue(Timestamp now) {
  if (state_->fsync != FsyncPolicy::kInterval || !state_->unsynced) return {};
  if (now - state_->last_sync < state_->fsync_interval) return {};
  state_->last_sync = now;
  state_->unsynced = false;
  return state_->database.Sync();
}

std::expected<void, Error> PostLog::Sync() {
  return state_->database.Sync();
}

BlockSeq PostLog::LastSeq() const {
  return BlockSeq{state_->last_seq.load(std::memory_order_acquire)};
}
Timestamp PostLog::LastClock() const {
  return Timestamp{Duration{state_->last_clock}};
}
std::uint64_t PostLog::PostCount() const {
  return state_->posts;
}

}  // namespace tagswell
