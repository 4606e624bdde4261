// Retention: the part of PostLog that drops the log's beginning, and the index of it.
#include <algorithm>
#include <mutex>
#include <ranges>
#include <shared_mutex>
#include <utility>

#include "storage/meta_keys.h"
#include "storage/post_log.h"
#include "storage/post_log_state.h"
#include "storage/record_cursor.h"

namespace tagswell {
namespace {

// A stretch is read through before it goes, half a second where it is full; the indexer is not held up for longer than
// its queue can take.
constexpr std::size_t kStretchesAtOnce = 8;

// The oldest post stands in one of the first blocks: before it there may be ticks, and posts that were taken back.
constexpr std::size_t kOldestWithinBlocks = 1'000;

// What is to be known of a stretch that goes.
struct Leaving {
  Timestamp newest = kTimestampMin;     // of its posts
  std::vector<std::string> operations;  // blocks of control records, as they are stored
  std::vector<BlockSeq> operations_at;
};

std::expected<void, Error> LookAt(const LogBlock& block, Leaving& leaving) {
  if (block.size() > 0 && IsControl(block.RecordAt(0))) {
    std::string encoded;
    // It holds no posts, and where it is kept nobody counts those before it.
    EncodeBlock(block, {}, encoded);
    leaving.operations.push_back(std::move(encoded));
    leaving.operations_at.push_back(block.seq);
    return {};
  }
  Record record;
  for (std::uint32_t i = 0; i < block.size(); ++i) {
    if (auto size = DecodeRecord(block.RecordAt(i), record); !size) return std::unexpected(size.error());
    if (record.kind == RecordKind::kPost) leaving.newest = std::max(leaving.newest, record.post.created_at);
  }
  return {};
}

std::expected<Leaving, Error> LookAt(const PostLog& log, const Stretch& stretch) {
  Leaving leaving;
  std::expected<void, Error> result;
  const auto read = log.Read(stretch.first, [&](const LogBlock& block) {
    if (block.seq > stretch.last) return false;
    result = LookAt(block, leaving);
    return result.has_value();
  });
  if (!read) return std::unexpected(read.error());
  if (!result) return std::unexpected(result.error());
  return leaving;
}

void DropMarks(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* meta, char prefix, BlockSeq end) {
  batch.DeleteRange(meta, PositionKey(prefix, {}), PositionKey(prefix, {.block = end, .index = 0}));
}

std::string StretchKey(std::uint32_t number) {
  std::string key;
  AppendBig(number, key);
  return key;
}

}  // namespace

std::expected<std::uint64_t, Error> PostLog::DropBefore(Timestamp before, BlockSeq folded) {
  const std::lock_guard rewriting(state_->rewrite_mutex);
  rocksdb::ColumnFamilyHandle* const meta = state_->database.family(Family::kMeta);
  const auto stretches = state_->index.Stretches();
  rocksdb::WriteBatch batch;
  LogStart start = state_->start;
  std::uint64_t posts = 0;
  for (const Stretch& stretch : *stretches | std::views::take(kStretchesAtOnce)) {
    // The last block stays, for the next one is numbered after it.
    if (stretch.last > folded || stretch.last >= LastSeq() || stretch.clock >= before) break;
    if (state_->not_due && state_->not_due->first == stretch.number && state_->not_due->second >= before) break;
    auto leaving = LookAt(*this, stretch);
    if (!leaving) return std::unexpected(leaving.error());
    if (leaving->newest >= before) {
      state_->not_due = {stretch.number, leaving->newest};
      break;
    }
    for (std::size_t i = 0; i < leaving->operations.size(); ++i) {
      batch.Put(meta, kOperationsPrefix + BlockKey(leaving->operations_at[i]), leaving->operations[i]);
    }
    start = {.block = Next(stretch.last),
             .stretch = stretch.number + 1,
             .newest_dropped = std::max(start.newest_dropped, leaving->newest)};
    posts += stretch.posts;
  }
  if (start.block == state_->start.block) return 0;

  const std::string end = BlockKey(start.block);
  batch.Put(meta, rocksdb::Slice(kLogStartKey.data(), kLogStartKey.size()), start.Encode());
  DropMarks(batch, meta, kRetractedPrefix, start.block);
  DropMarks(batch, meta, kErasePrefix, start.block);
  batch.DeleteRange(state_->database.family(Family::kIds), StretchKey(0), StretchKey(start.stretch));
  batch.DeleteRange(state_->database.family(Family::kLog), BlockKey(BlockSeq{0}), end);
  {
    const std::unique_lock lock(state_->start_mutex);
    if (auto written = state_->database.Write(batch, /*sync=*/true); !written) return std::unexpected(written.error());
    state_->start = start;
    state_->index.Forget(start.stretch);
  }
  // A look that began before still has the files.
  if (auto dropped = state_->database.DeleteFiles(Family::kIds, StretchKey(0), StretchKey(start.stretch)); !dropped) {
    return std::unexpected(dropped.error());
  }
  if (auto dropped = state_->database.DeleteFiles(Family::kLog, BlockKey(BlockSeq{0}), end); !dropped) {
    return std::unexpected(dropped.error());
  }
  return posts;
}

BlockSeq PostLog::FirstSeq() const {
  const std::shared_lock lock(state_->start_mutex);
  return state_->start.block;
}

std::expected<std::optional<Timestamp>, Error> PostLog::OldestPost() const {
  const BlockSeq first = FirstSeq();
  {
    const std::lock_guard lock(state_->oldest_mutex);
    if (state_->oldest && state_->oldest->first == first) return state_->oldest->second;
  }
  std::optional<Timestamp> found;
  Record record;
  std::size_t blocks = 0;
  const auto read = Read(first, [&](const LogBlock& block) {
    for (std::uint32_t i = 0; i < block.size() && !found; ++i) {
      if (DecodeRecord(block.RecordAt(i), record) && record.kind == RecordKind::kPost) found = record.post.created_at;
    }
    return !found && ++blocks < kOldestWithinBlocks;
  });
  if (!read) return std::unexpected(read.error());
  if (found) {
    const std::lock_guard lock(state_->oldest_mutex);
    state_->oldest = {first, *found};
  }
  return found;
}

}  // namespace tagswell
