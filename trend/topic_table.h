// Every topic of the last 24 hours, and those that are watched for longer: its name, its spellings, its first post and
// its cell. Ids are small and dense, and are used again after a topic has gone.
// Nothing here has a pause that grows with the number of topics: names are found through shards that grow one by one,
// and topics live in chunks that never move. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "proto/alias_groups.h"
#include "proto/name_index.h"
#include "proto/post_key.h"
#include "proto/time.h"
#include "trend/spelling_counts.h"
#include "trend/state_io.h"
#include "trend/topic_cell.h"

namespace tagswell {

enum class TopicId : std::uint32_t {};
constexpr std::size_t Index(TopicId topic) {
  return static_cast<std::size_t>(topic);
}

// Where the earliest post of a topic stands in the log. Ties in time go to the smaller `tie`, so that the answer does
// not depend on the order of arrival.
struct FirstPost {
  Timestamp created_at = kTimestampMax;
  std::uint64_t block = 0;
  std::uint32_t index = 0;
  std::uint32_t tie = 0;

  friend bool operator<(const FirstPost& a, const FirstPost& b) {
    return std::tuple(a.created_at, a.tie) < std::tuple(b.created_at, b.tie);
  }
};

struct Topic {
  std::string name;
  SpellingCounts spellings;
  TopicCell cell;
  FirstPost first;

  std::string_view shown() const { return ShownTopic(name); }  // what people know it by
};

class TopicTable {
 public:
  // Names are hashed with the salt: nobody can choose tags that meet in one slot.
  explicit TopicTable(HashSalt salt = {}) : salt_(salt) {}

  std::uint64_t HashOf(std::string_view name) const;

  // Finds or makes. O(1).
  TopicId Intern(std::string_view name) { return Intern(name, HashOf(name)); }
  std::optional<TopicId> Find(std::string_view name) const { return Find(name, HashOf(name)); }
  // The same with the name's hash.
  TopicId Intern(std::string_view name, std::uint64_t hash);
  std::optional<TopicId> Find(std::string_view name, std::uint64_t hash) const;

  // Any topic of that hash: nearly always the one, without reading its name.
  std::optional<TopicId> FirstUnder(std::uint64_t hash) const;
  // Bring into the cache what is read next: by FirstUnder and Find, and of the topic.
  void PrefetchFind(std::uint64_t hash) const { names_.Prefetch(hash); }
  void PrefetchTopic(TopicId id) const;

  Topic& operator[](TopicId id) { return (*chunks_[Index(id) / kChunk])[Index(id) % kChunk]; }
  const Topic& operator[](TopicId id) const { return (*chunks_[Index(id) / kChunk])[Index(id) % kChunk]; }

  // A cheap summary in an array of its own, so that boards can pass over millions of topics in milliseconds.
  struct Summary {
    Minute last{0};            // newest minute with a post; 0: none yet
    std::uint32_t posts = 0;   // at least as many as any window holds; 0: no topic here
    std::uint64_t scopes = 0;  // bit (scope % 64) is set for every scope but the world it was ever seen in
  };
  Summary& SummaryOf(TopicId id) { return (*summaries_[Index(id) / kChunk])[Index(id) % kChunk]; }
  const Summary& SummaryOf(TopicId id) const { return (*summaries_[Index(id) / kChunk])[Index(id) % kChunk]; }

  // Drops the topic; its id may be given to another.
  void Erase(TopicId id);

  std::size_t live() const { return live_; }
  std::size_t id_limit() const { return limit_; }  // ids are below this
  std::size_t memory_bytes() const;

  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  static constexpr std::size_t kChunk = 4096;

  HashSalt salt_;
  NameIndex names_;
  std::vector<std::unique_ptr<std::array<Topic, kChunk>>> chunks_;
  std::vector<std::unique_ptr<std::array<Summary, kChunk>>> summaries_;
  std::vector<TopicId> free_;
  std::size_t limit_ = 0;
  std::size_t live_ = 0;
};

}  // namespace tagswell
