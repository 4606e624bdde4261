// What operators say, in the log: the part of PostLog that writes no posts.
#include <rocksdb/iterator.h>

#include "storage/meta_keys.h"
#include "storage/post_log.h"
#include "storage/post_log_state.h"

namespace tagswell {

std::expected<std::shared_ptr<const LogBlock>, Error> PostLog::AppendControl(std::span<const BlockChange> changes,
                                                                             Timestamp clock,
                                                                             std::span<const AuditEntry> audit) {
  auto block = state_->NewBlock(clock);
  for (const BlockChange& change : changes) {
    EncodeControl(change, block->records);
    block->ends.push_back(static_cast<std::uint32_t>(block->records.size()));
  }
  rocksdb::WriteBatch batch;
  for (const AuditEntry& entry : audit) state_->audit.Add(entry, batch);
  if (auto committed = state_->Commit(*block, {}, batch); !committed) return std::unexpected(committed.error());
  return block;
}

std::expected<std::shared_ptr<const LogBlock>, Error> PostLog::AppendControl(const AliasChange& change, Timestamp clock,
                                                                             std::span<const AuditEntry> audit) {
  auto block = state_->NewBlock(clock);
  EncodeControl(change, block->records);
  block->ends.push_back(static_cast<std::uint32_t>(block->records.size()));
  rocksdb::WriteBatch batch;
  for (const AuditEntry& entry : audit) state_->audit.Add(entry, batch);
  batch.Put(state_->database.family(Family::kMeta), kAliasPrefix + BlockKey(block->seq), rocksdb::Slice());
  if (auto committed = state_->Commit(*block, {}, batch); !committed) return std::unexpected(committed.error());
  return block;
}

std::expected<std::vector<BlockSeq>, Error> PostLog::AliasBlocks() const {
  const std::unique_ptr<rocksdb::Iterator> it(
      state_->database.db().NewIterator(rocksdb::ReadOptions(), state_->database.family(Family::kMeta)));
  const std::string prefix(1, kAliasPrefix);
  std::vector<BlockSeq> blocks;
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    const std::string_view key(it->key().data(), it->key().size());
    if (key.size() == 1 + sizeof(BlockSeq)) blocks.push_back(BlockSeq{LoadBig<std::uint64_t>(key.substr(1))});
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return blocks;
}

}  // namespace tagswell
