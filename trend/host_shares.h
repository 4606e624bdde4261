// Which part of the mentions each host brings, so that a host that suddenly brings all of a topic's can be told from
// one that always does: most of a small language may live on one server.
// Learned apart for each combination of scopes, and for each source where a combination is little known. What is
// younger than three hours is not learned yet: a flood does not teach that it is usual. Half-life 7 days.
// Not thread-safe.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "proto/time.h"
#include "trend/mention_hit.h"
#include "trend/state_io.h"

namespace tagswell {

class HostShares {
 public:
  explicit HostShares(const ScopeTable& scopes) : scopes_(scopes) {}

  // Mentions of the minute that is being closed; their order does not matter. O(hits).
  void Add(std::span<const MentionHit> hits);

  // The minute before `now` is closed. O(1), once an hour O(hosts).
  void GoOnTo(Minute now);

  // The host's part, 0 to 1, of mentions like those of `combo`; 1 where too little is known to tell. O(1).
  double Of(ComboId combo, std::uint16_t host) const;

  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  // A group, which is a combination or a source, and a host in it; host 0 stands for all.
  using Key = std::uint64_t;
  static constexpr std::size_t kHours = 4;  // the one that is being filled, and three that are too young
  static constexpr std::size_t kEntriesMax = 1 << 17;
  using Counts = absl::flat_hash_map<Key, std::uint32_t>;
  struct Hour {
    std::vector<std::uint32_t> all;  // by combination
    Counts by_host;
  };

  static Key KeyOf(ComboId combo, std::uint16_t host);
  static Key KeyOf(ScopeId source, std::uint16_t host);
  void Learn(Hour& hour);

  const ScopeTable& scopes_;
  std::array<Hour, kHours> young_;  // by hour modulo kHours
  int hour_ = 0;                    // of young_
  absl::flat_hash_map<Key, float> weights_;
};

}  // namespace tagswell
