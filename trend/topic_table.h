// Every topic of the last 24 hours, and those that are watched for longer: its name, its spellings, its first post and
// its cell. Ids are small and dense, and are used again after a topic has gone.
// Nothing here has a pause that grows with the number of topics: names are hashed in shards that grow one by one, and
// topics live in chunks that never move.
// Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_set.h>

#include "proto/time.h"
#include "trend/state_io.h"
#include "trend/topic_cell.h"

namespace tagswell {

enum class TopicId : std::uint32_t {};
constexpr std::size_t Index(TopicId topic) { return static_cast<std::size_t>(topic); }

// Where the earliest post of a topic stands in the log. Ties in time go to the smaller `tie`, so that the answer does
// not depend on the order of arrival.
struct FirstPost {
  Timestamp created_at = kTimestampMax;
  std::uint64_t block = 0;
  std::uint32_t index = 0;
  std::uint32_t tie = 0;
};

// How often each spelling was used. The first kSpellingsMax are counted. Events show what was used in closed minutes, so
// that they do not depend on what else has come already.
class SpellingCounts {
 public:
  static constexpr std::size_t kSpellingsMax = 8;
  // Gives the spelling's number for Close(); kSpellingsMax when it is one too many.
  std::uint8_t Add(std::string_view spelling);
  // The minute of a use that Add() counted has closed.
  void Close(std::uint8_t spelling);
  // Takes one use back; `closed`: its minute has closed.
  void Remove(std::string_view spelling, bool closed);
  // The most used one; ties go to the smaller in byte order. Empty when there is none.
  std::string_view Best() const { return BestBy(&Count::used); }
  std::string_view BestClosed() const { return BestBy(&Count::closed); }
  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  struct Count {
    std::string spelling;
    std::uint32_t used = 0;
    std::uint32_t closed = 0;
  };
  std::string_view BestBy(std::uint32_t Count::* by) const;
  std::vector<Count> counts_;
};

struct Topic {
  std::string name;
  SpellingCounts spellings;
  TopicCell cell;
  FirstPost first;
  Minute last{0};                   // newest minute with a post
  bool watched = false;             // the detector keeps more about it
};

class TopicTable {
 public:
  TopicTable();

  // Finds or makes. O(1).
  TopicId Intern(std::string_view name);
  std::optional<TopicId> Find(std::string_view name) const;

  Topic& operator[](TopicId id) { return (*chunks_[Index(id) / kChunk])[Index(id) % kChunk]; }
  const Topic& operator[](TopicId id) const { return (*chunks_[Index(id) / kChunk])[Index(id) % kChunk]; }

  // A cheap summary in an array of its own, so that boards can pass over millions of topics in milliseconds.
  struct Summary {
    Minute last{0};
    std::uint32_t posts = 0;        // at least as many as any window holds; 0: no topic here
    std::uint64_t scopes = 0;       // bit (scope % 64) is set for every scope but the world it was ever seen in
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
  static constexpr std::size_t kShards = 256;

  struct Hash {
    using is_transparent = void;
    const TopicTable* table;
    std::size_t operator()(std::string_view name) const { return absl::Hash<std::string_view>{}(name); }
    std::size_t operator()(TopicId id) const { return (*this)(std::string_view((*table)[id].name)); }
  };
  struct Equal {
    using is_transparent = void;
    const TopicTable* table;
    std::string_view NameOf(TopicId id) const { return (*table)[id].name; }
    static std::string_view NameOf(std::string_view name) { return name; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const { return NameOf(a) == NameOf(b); }
  };
  using Shard = absl::flat_hash_set<TopicId, Hash, Equal>;

  Shard& ShardOf(std::string_view name);
  const Shard& ShardOf(std::string_view name) const;

  std::vector<Shard> shards_;
  std::vector<std::unique_ptr<std::array<Topic, kChunk>>> chunks_;
  std::vector<std::unique_ptr<std::array<Summary, kChunk>>> summaries_;
  std::vector<TopicId> free_;
  std::size_t limit_ = 0;
  std::size_t live_ = 0;
};

}  // namespace tagswell
