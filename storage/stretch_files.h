// The sorted files of the index: for each stretch of the log one with its keys and one with its topics, ingested
// together or not at all. Layout: docs/storage-format.md, "Ids" and "Topics". Any thread may call.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/post_key.h"
#include "proto/time.h"
#include "storage/key_page.h"
#include "storage/log_block.h"
#include "storage/topic_positions.h"

namespace rocksdb {
class Iterator;
}

namespace tagswell {

class Database;

// Stretches are numbered 0, 1, 2, ... and follow each other without a gap.
struct Stretch {
  std::uint32_t number = 0;
  BlockSeq first{0};
  BlockSeq last{0};
  std::uint32_t posts = 0;
  Timestamp clock{};  // of the last block
};

// That of `number`; null when it is none of `stretches`, which follow each other.
inline const Stretch* StretchOf(std::span<const Stretch> stretches, std::uint32_t number) {
  if (stretches.empty() || number < stretches.front().number || number > stretches.back().number) return nullptr;
  return &stretches[number - stretches.front().number];
}

class StretchFiles {
 public:
  explicit StretchFiles(Database& database) : database_(database) {}

  // Those from `first` on.
  std::expected<std::vector<Stretch>, Error> Load(std::uint32_t first) const;

  // The offsets of the entries count from `stretch.first`.
  std::expected<void, Error> Write(const Stretch& stretch, std::span<const KeyEntry> sorted,
                                   const TopicPositions& topics);

  // Gives a topic that has none positions in these stretches, ascending. Durable.
  std::expected<void, Error> AddPast(std::string_view topic, std::span<const Stretch> stretches,
                                     std::span<const PackedPosition> positions);

  // The number in a key of the topics.
  static std::optional<std::uint32_t> StretchOfTopicKey(std::string_view key);

  // All keys of a stretch, a page at a time. `low` holds only its upper 16 bits.
  std::expected<void, Error> EachKey(const Stretch& stretch,
                                     const std::function<void(std::span<const PostKey>)>& visit) const;

  // Appends up to `limit` positions of `topic` in these stretches, before `before`, newest first.
  std::expected<void, Error> PostsOf(std::string_view topic, std::span<const Stretch> stretches, Position before,
                                     std::size_t limit, std::vector<Position>& out) const;

  // Appends positions of `topic` in these stretches, oldest first, until `out` holds `limit`.
  std::expected<void, Error> FirstPostsOf(std::string_view topic, std::span<const Stretch> stretches, std::size_t limit,
                                          std::vector<Position>& out) const;

 private:
  std::expected<void, Error> WriteKeys(const Stretch& stretch, std::span<const KeyEntry> sorted,
                                       const std::string& path);
  std::expected<void, Error> WriteTopics(const Stretch& stretch, const TopicPositions& topics, const std::string& path);

  Database& database_;
};

// Looks keys up in many stretches with one iterator. Sees the stretches that existed when it was made.
class KeyLookup {
 public:
  explicit KeyLookup(Database& database);
  ~KeyLookup();

  std::expected<std::optional<Position>, Error> Find(const Stretch& stretch, const PostKey& key);

 private:
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace tagswell
