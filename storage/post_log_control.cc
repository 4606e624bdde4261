// What operators say, in the log: the part of PostLog that writes no posts.
#include <rocksdb/iterator.h>

#include <utility>

#include "storage/meta_keys.h"
#include "storage/post_log.h"
#include "storage/post_log_state.h"

namespace tagswell {

namespace {

template <class Change>
void AddRecord(const Change& change, LogBlock& block) {
  EncodeControl(change, block.records);
  block.ends.push_back(static_cast<std::uint32_t>(block.records.size()));
}

}  // namespace

std::expected<std::shared_ptr<const LogBlock>, Error> PostLog::State::CommitControl(std::shared_ptr<LogBlock> block,
                                                                                    std::span<const AuditEntry> entries,
                                                                                    rocksdb::WriteBatch& batch) {
  for (const AuditEntry& entry : entries) audit.Add(entry, batch);
  if (auto committed = Commit(*block, {}, batch); !committed) return std::unexpected(committed.error());
  return block;
}

std::expected<std::shared_ptr<const LogBlock>, Error> PostLog::AppendControl(std::span<const BlockChange> changes,
                                                                             Timestamp clock,
                                                                             std::span<const AuditEntry> audit) {
  auto block = state_->NewBlock(clock);
  for (const BlockChange& change : changes) AddRecord(change, *block);
  rocksdb::WriteBatch batch;
  return state_->CommitControl(std::move(block), audit, batch);
}

std::expected<std::shared_ptr<const LogBlock>, Error> PostLog::AppendControl(const ReviewChange& change,
                                                                             Timestamp clock,
                                                                             std::span<const AuditEntry> audit) {
  auto block = state_->NewBlock(clock);
  AddRecord(change, *block);
  rocksdb::WriteBatch batch;
  return state_->CommitControl(std::move(block), audit, batch);
}

std::expected<std::shared_ptr<const LogBlock>, Error> PostLog::AppendControl(const AliasChange& change, Timestamp clock,
                                                                             std::span<const AuditEntry> audit) {
  auto block = state_->NewBlock(clock);
  AddRecord(change, *block);
  rocksdb::WriteBatch batch;
  batch.Put(state_->database.family(Family::kMeta), kAliasPrefix + BlockKey(block->seq), rocksdb::Slice());
  return state_->CommitControl(std::move(block), audit, batch);
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
