#include <rocksdb/iterator.h>

#include <algorithm>
#include <functional>
#include <shared_mutex>
#include <span>
#include <utility>
#include <vector>

#include "storage/meta_keys.h"
#include "storage/post_log.h"
#include "storage/post_log_state.h"

namespace tagswell {
namespace {

Error Missing(BlockSeq seq) {
  return Error{.code = "corrupt_block",
               .detail = "log block " + std::to_string(static_cast<std::uint64_t>(seq)) + " is missing"};
}

Error NoSuchBlock() {
  return Error{.code = "not_found", .detail = "the log has no such block"};
}

}  // namespace

std::expected<void, Error> PostLog::Read(BlockSeq from, const std::function<bool(const LogBlock&)>& visit) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;  // a fold reads everything once
  options.readahead_size = 2 << 20;
  std::unique_ptr<rocksdb::Iterator> it;
  BlockSeq expected{0};
  {
    const std::shared_lock lock(state_->start_mutex);
    it.reset(state_->database.db().NewIterator(options, state_->database.family(Family::kLog)));
    expected = std::max(from, state_->start.block);
  }
  if (from < expected) {
    const auto goes_on = state_->ReadOperations(from, visit);
    if (!goes_on) return std::unexpected(goes_on.error());
    if (!*goes_on) return {};
  }
  for (it->Seek(BlockKey(expected)); it->Valid(); it->Next(), expected = Next(expected)) {
    if (it->key() != rocksdb::Slice(BlockKey(expected))) return std::unexpected(Missing(expected));
    const auto block = DecodeBlock(expected, {it->value().data(), it->value().size()});
    if (!block) return std::unexpected(block.error());
    if (!visit(*block)) return {};
  }
  if (it->status().IsCorruption()) {
    return std::unexpected(Error{.code = "corrupt_block",
                                 .detail = "log block " + std::to_string(static_cast<std::uint64_t>(expected)) + ": " +
                                           it->status().ToString()});
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return {};
}

std::expected<bool, Error> PostLog::State::ReadOperations(BlockSeq from,
                                                          const std::function<bool(const LogBlock&)>& visit) const {
  const std::string prefix(1, kOperationsPrefix);
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator(rocksdb::ReadOptions(), database.family(Family::kMeta)));
  for (it->Seek(kOperationsPrefix + BlockKey(from)); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    const std::string_view key(it->key().data(), it->key().size());
    if (key.size() != prefix.size() + sizeof(BlockSeq)) continue;
    const BlockSeq seq{LoadBig<std::uint64_t>(key.substr(prefix.size()))};
    const auto block = DecodeBlock(seq, {it->value().data(), it->value().size()});
    if (!block) return std::unexpected(block.error());
    if (!visit(*block)) return false;
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  return true;
}

std::expected<LogBlock, Error> PostLog::State::ReadBlock(BlockSeq seq) const {
  const std::shared_lock lock(start_mutex);
  if (seq < start.block) {
    const auto bytes = database.Get(Family::kMeta, kOperationsPrefix + BlockKey(seq));
    if (!bytes) return std::unexpected(bytes.error());
    if (!*bytes) return std::unexpected(NoSuchBlock());
    return DecodeBlock(seq, **bytes);
  }
  const auto bytes = database.Get(Family::kLog, BlockKey(seq));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::unexpected(Missing(seq));
  return DecodeBlock(seq, **bytes);
}

std::expected<std::shared_ptr<const LogBlock>, Error> PostLog::Block(BlockSeq seq) const {
  if (seq == BlockSeq{0} || seq > LastSeq()) {
    return std::unexpected(NoSuchBlock());
  }
  if (seq >= FirstSeq()) {
    if (auto cached = state_->cache.Find(seq)) return cached;
  }
  auto block = state_->ReadBlock(seq);
  if (!block) return std::unexpected(block.error());
  auto shared = std::make_shared<const LogBlock>(std::move(*block));
  state_->cache.Insert(shared);
  return shared;
}

std::expected<std::optional<StoredPost>, Error> PostLog::At(Position position, BlockSeq as_of) const {
  // The index admits a post just before its block is committed.
  if (position.block < FirstSeq() || position.block > LastSeq()) return std::nullopt;
  const auto retracted = state_->index.Retracted(position, as_of);
  if (!retracted) return std::unexpected(retracted.error());
  if (*retracted) return std::nullopt;
  auto block = Block(position.block);
  if (!block && block.error().code == "not_found") return std::nullopt;  // dropped
  if (!block) return std::unexpected(block.error());
  if (position.index >= (*block)->size()) return std::nullopt;
  StoredPost post{.block = std::move(*block), .position = position, .record = {}};
  const auto size = DecodeRecord(post.block->RecordAt(position.index), post.record);
  if (!size) return std::unexpected(size.error());
  if (post.record.kind != RecordKind::kPost) return std::nullopt;
  return post;
}

std::expected<std::optional<StoredPost>, Error> PostLog::Find(const PostKey& key) const {
  const auto position = state_->index.Find(key);
  if (!position) return std::unexpected(position.error());
  if (!*position) return std::nullopt;
  return At(**position);
}

std::expected<std::vector<StoredPost>, Error> PostLog::PostsOf(std::string_view topic, std::optional<Position> before,
                                                               std::size_t limit) const {
  const Position end{.block = Next(LastSeq()), .index = 0};
  Position next = before ? std::min(*before, end) : end;
  std::vector<StoredPost> posts;
  // Retracted posts fall out, so that a page may take more than one look.
  while (posts.size() < limit) {
    const std::size_t wanted = limit - posts.size();
    const auto positions = state_->index.PostsOf(topic, next, wanted);
    if (!positions) return std::unexpected(positions.error());
    for (const Position position : *positions) {
      auto post = At(position);
      if (!post) return std::unexpected(post.error());
      if (*post) posts.push_back(std::move(**post));
    }
    if (positions->size() < wanted) break;
    next = positions->back();
  }
  return posts;
}

namespace {

// The positions of one block.
using InBlock = std::span<const Position>;

std::vector<InBlock> ByBlock(std::span<const Position> positions) {
  std::vector<InBlock> blocks;
  for (std::size_t begin = 0, end = 0; begin < positions.size(); begin = end) {
    while (end < positions.size() && positions[end].block == positions[begin].block) ++end;
    blocks.push_back(positions.subspan(begin, end - begin));
  }
  return blocks;
}

// Of `blocks` behind the first `done` leaves `room` at most, in their order: those with most positions, of equal ones
// the first.
void KeepFullest(std::vector<InBlock>& blocks, std::size_t done, std::size_t room) {
  if (blocks.size() - done <= room) return;
  std::vector<std::size_t> sizes;
  for (std::size_t i = done; i < blocks.size(); ++i) sizes.push_back(blocks[i].size());
  const auto last = sizes.begin() + static_cast<std::ptrdiff_t>(room);
  std::ranges::nth_element(sizes, last, std::greater());
  const std::size_t least = *last;
  auto of_least =
      room - static_cast<std::size_t>(std::count_if(sizes.begin(), last, [&](auto n) { return n > least; }));
  const auto rest =
      std::remove_if(blocks.begin() + static_cast<std::ptrdiff_t>(done), blocks.end(), [&](InBlock block) {
        if (block.size() != least) return block.size() < least;
        if (of_least == 0) return true;
        --of_least;
        return false;
      });
  blocks.erase(rest, blocks.end());
}

}  // namespace

std::expected<bool, Error> PostLog::FirstPostsOf(std::string_view topic, const ReadBounds& bounds,
                                                 const std::function<void(Position, const Post&)>& visit) const {
  auto positions = state_->index.FirstPostsOf(topic, bounds.posts + 1);
  if (!positions) return std::unexpected(positions.error());
  bool all = positions->size() <= bounds.posts;
  if (!all) positions->resize(bounds.posts);
  std::vector<InBlock> blocks = ByBlock(*positions);
  Record record;
  std::uint64_t bytes = 0;
  bool thinned = false;
  for (std::size_t done = 0; done < blocks.size(); ++done) {
    // Much was read for little: of the rest those blocks where the topic stands most.
    if (!thinned && done > 0 && (done >= bounds.blocks / 4 || bytes >= bounds.bytes / 4)) {
      const std::uint64_t room = std::min<std::uint64_t>(
          bounds.blocks - std::min(bounds.blocks, done),
          (bounds.bytes - std::min(bounds.bytes, bytes)) / std::max<std::uint64_t>(1, bytes / done));
      const std::size_t before = blocks.size();
      KeepFullest(blocks, done, static_cast<std::size_t>(room));
      all = all && blocks.size() == before;
      thinned = true;
      if (done == blocks.size()) break;
    }
    if (done >= bounds.blocks || bytes > bounds.bytes) return false;
    const auto block = state_->ReadBlock(blocks[done].front().block);  // past the cache, which is for those who page
    if (!block && block.error().code == "not_found") continue;         // dropped a moment ago
    if (!block) return std::unexpected(block.error());
    bytes += block->records.size();
    for (const Position& at : blocks[done]) {
      const auto retracted = state_->index.Retracted(at);
      if (!retracted) return std::unexpected(retracted.error());
      if (*retracted || at.index >= block->size()) continue;
      const auto size = DecodeRecord(block->RecordAt(at.index), record);
      if (!size) return std::unexpected(size.error());
      if (record.kind == RecordKind::kPost) visit(at, record.post);
    }
  }
  return all;
}

const RecentRetractions& PostLog::retractions() const {
  return state_->index.retractions();
}

std::expected<std::uint64_t, Error> PostLog::PostsThrough(BlockSeq seq) const {
  if (seq == BlockSeq{0}) return 0;
  const std::shared_lock lock(state_->start_mutex);
  const BlockSeq there = std::max(seq, state_->start.block);
  const auto bytes = state_->database.Get(Family::kLog, BlockKey(there));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::unexpected(Missing(there));
  const auto header = DecodeBlockHeader(there, **bytes);
  if (!header) return std::unexpected(header.error());
  return header->posts_before + (there == seq ? header->posts : 0);
}

}  // namespace tagswell
