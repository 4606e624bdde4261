// From a post's key, and from a topic, to positions in the log.
//
// The young part lives in memory; a stretch of `stretch_posts` posts is then written as two sorted files (keys, topics)
// that are ingested whole: no write-ahead log, no memtable, and key files never overlap. In front of the keys stand
// rolling Bloom filters, so that a new id is proven new without touching the files.
//
// Threads: the writer thread owns Admit and Forget, the indexer thread AddTopics, AddPast and BuildClosed. Find and
// PostsOf may be called from any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/post_codec.h"
#include "proto/post_key.h"
#include "proto/time.h"
#include "storage/log_block.h"
#include "storage/recent_retractions.h"
#include "storage/store_options.h"
#include "storage/stretch_files.h"

namespace tagswell {

class Database;

class PostIndex {
 public:
  PostIndex(Database& database, const StoreOptions& options);
  ~PostIndex();

  // Loads the stretches that are kept. Returns the last block they cover: the blocks behind it are to be admitted
  // again, in order.
  std::expected<BlockSeq, Error> Open();
  // Then their filters, before the first block. O(posts within the horizon), about 50 ns each.
  std::expected<void, Error> LoadFilters();

  // Admits the keys that are new as posts at `first` and behind it, in order, and sets fresh[i] to whether keys[i]
  // was new. Find answers them at once: the log must refuse what is not committed yet. `leaving` (ascending) are posts
  // that the same commit retracts, each told to Forget before.
  std::expected<void, Error> Admit(std::span<const PostKey> keys, Position first, std::span<bool> fresh,
                                   std::span<const Position> leaving = {});

  // The key at `position` of a block that is being read again at start.
  std::expected<void, Error> Restore(const PostKey& key, Position position);

  // Ends `block`, whose clock is `clock`, and whose newest post was written at `newest` (kTimestampMin without one):
  // closes the stretch when it is full of posts or of mentions; or when it is a day long, where posts are not kept for
  // ever, so that what may go is not held by what may not.
  void EndBlock(BlockSeq block, Timestamp clock, Timestamp newest, std::uint64_t mentions);

  // The post at `position` was retracted: its key is new again. (Files answer for it by the log's list of retractions.)
  void Forget(const PostKey& key, Position position);

  // Adds the mentions of some records of a block to the young topics; `indices` are their places. Positions must
  // ascend.
  void AddTopics(std::span<const Record> records, BlockSeq block, std::span<const std::uint32_t> indices);

  // Adds posts of the past, in order, to a topic that has none yet. Durable where they stand in stretches that are
  // written already.
  std::expected<void, Error> AddPast(std::string_view topic, std::span<const Position> posts);

  // All of `block` went through AddTopics: writes the stretches that end at or before it as files.
  std::expected<void, Error> BuildClosed(BlockSeq block);

  // Newest position of `key`, if it was not retracted.
  std::expected<std::optional<Position>, Error> Find(const PostKey& key) const;

  // Up to `limit` positions of posts that mention `topic`, all before `before`, newest first. Retracted ones included.
  std::expected<std::vector<Position>, Error> PostsOf(std::string_view topic, Position before, std::size_t limit) const;

  // The first `limit` of them, oldest first.
  std::expected<std::vector<Position>, Error> FirstPostsOf(std::string_view topic, std::size_t limit) const;

  // Whether the post at `position` was taken back in `as_of` or a block before it. Where an older version took it back
  // nobody knows the block: it counts as the first.
  std::expected<bool, Error> Retracted(Position position, BlockSeq as_of = kEndOfLog) const;

  RecentRetractions& retractions();

  // The stretches that are written and kept, by number.
  std::shared_ptr<const std::vector<Stretch>> Stretches() const;

  // The stretches before `first` were dropped: nothing of them is found any more. Indexer thread.
  void Forget(std::uint32_t first);

  // Posts with an entry, and bytes held in memory for filters and the young part (an estimate).
  std::uint64_t size() const;
  std::uint64_t memory_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
