// Physical removal of retracted posts: the part of PostLog that rewrites blocks.
#include <rocksdb/iterator.h>

#include <map>
#include <set>
#include <utility>

#include "storage/meta_keys.h"
#include "storage/post_log.h"
#include "storage/post_log_state.h"

namespace tagswell {
namespace {

// The same block with holes at some places.
LogBlock WithHoles(const LogBlock& block, const std::set<std::uint32_t>& holes) {
  LogBlock result{.seq = block.seq, .clock = block.clock, .records = {}, .ends = {}};
  result.records.reserve(block.records.size());
  result.ends.reserve(block.size());
  for (std::uint32_t i = 0; i < block.size(); ++i) {
    if (holes.contains(i)) {
      EncodeRecord(RecordKind::kHole, Post(), result.records);
    } else {
      result.records.append(block.RecordAt(i));
    }
    result.ends.push_back(static_cast<std::uint32_t>(result.records.size()));
  }
  return result;
}

}  // namespace

std::expected<std::vector<PendingErasure>, Error> PostLog::PendingErasures() const {
  std::vector<PendingErasure> pending;
  const std::string prefix(1, kErasePrefix);
  const std::unique_ptr<rocksdb::Iterator> it(
      state_->database.db().NewIterator(rocksdb::ReadOptions(), state_->database.family(Family::kMeta)));
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    const std::string_view key(it->key().data(), it->key().size());
    const std::string_view value(it->value().data(), it->value().size());
    if (key.size() != 1 + kPositionBytes || value.size() != kPositionBytes) {
      return std::unexpected(Error{.code = "storage_failed", .detail = "the list of erasures is damaged"});
    }
    pending.push_back({.post = LoadPosition(value), .retraction = LoadPosition(key.substr(1))});
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return pending;
}

std::expected<std::size_t, Error> PostLog::EraseUpTo(BlockSeq folded) {
  const std::lock_guard lock(state_->rewrite_mutex);
  const auto pending = PendingErasures();
  if (!pending) return std::unexpected(pending.error());
  std::map<BlockSeq, std::set<std::uint32_t>> holes;
  rocksdb::WriteBatch batch;
  std::size_t erased = 0;
  for (const PendingErasure& erasure : *pending) {
    if (erasure.retraction.block > folded) continue;
    if (erasure.post.block >= state_->start.block) holes[erasure.post.block].insert(erasure.post.index);  // not dropped
    holes[erasure.retraction.block].insert(erasure.retraction.index);
    batch.Delete(state_->database.family(Family::kMeta), PositionKey(kErasePrefix, erasure.retraction));
    ++erased;
  }
  if (erased == 0) return 0;

  // All blocks in one batch: no fold ever sees a post without its retraction, or the other way round.
  std::string encoded;
  for (const auto& [seq, places] : holes) {
    const auto bytes = state_->database.Get(Family::kLog, BlockKey(seq));
    if (!bytes) return std::unexpected(bytes.error());
    const auto header = DecodeBlockHeader(seq, bytes->value_or(std::string()));
    if (!header) return std::unexpected(header.error());
    const auto block = DecodeBlock(seq, **bytes);
    if (!block) return std::unexpected(block.error());
    EncodeBlock(WithHoles(*block, places), {.posts = header->posts, .posts_before = header->posts_before}, encoded);
    batch.Put(state_->database.family(Family::kLog), BlockKey(seq), encoded);
  }
  if (auto written = state_->database.Write(batch, /*sync=*/true); !written) return std::unexpected(written.error());
  for (const auto& [seq, places] : holes) state_->cache.Erase(seq);
  return erased;
}

}  // namespace tagswell
