// What a trending topic gathered since it began to trend, over all scopes and by source, and the milestones it passed.
// It begins with the minute that made it trend, in whatever scope was first. Not thread-safe.
#pragma once

#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proto/trend_event.h"
#include "trend/mention_hit.h"
#include "trend/scope_table.h"
#include "trend/state_io.h"

namespace tagswell {

// Distinct authors since a beginning: exact up to kExactMax, then a HyperLogLog of 16,384 registers (0.81 %).
class CumulativeAuthors {
 public:
  static constexpr std::size_t kExactMax = 131'072;
  void Add(std::uint64_t author);
  std::uint64_t Count() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  void AddToSketch(std::uint64_t author);
  absl::flat_hash_set<std::uint64_t> exact_;
  std::vector<std::uint8_t> ranks_;     // empty while exact
  mutable std::uint64_t estimate_ = 0;  // of ranks_, while not stale
  mutable bool stale_ = true;
};

class Episode {
 public:
  Episode() = default;
  explicit Episode(Timestamp counted_from) : counted_from_(counted_from) {}

  // The topic's hits of one closed minute.
  void Add(std::span<const MentionHit> hits, const ScopeTable& scopes);

  // Milestones reached since the last call, smallest first; `steps` ascending.
  std::vector<Milestone> TakeMilestones(std::span<const std::uint64_t> steps, const ScopeTable& scopes);

  std::uint64_t posts() const { return all_.posts; }
  std::uint64_t authors() const { return all_.authors.Count(); }

  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  struct Tally {
    ScopeId source = kWorld;  // kWorld: all together
    std::uint64_t posts = 0;
    CumulativeAuthors authors;
    std::uint32_t posts_steps = 0;  // milestones told so far
    std::uint32_t authors_steps = 0;
  };
  Tally& OfSource(ScopeId source);

  Timestamp counted_from_ = kTimestampMin;
  Tally all_;
  std::vector<Tally> sources_;
};

}  // namespace tagswell
