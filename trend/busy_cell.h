// What a busy topic did in the last 24 hours: posts of each scope by minute, exact, and its authors.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "proto/time.h"
#include "trend/minute_counts.h"
#include "trend/scope_table.h"
#include "trend/state_io.h"
#include "trend/topic_authors.h"

namespace tagswell {

class BusyCell {
 public:
  // O(combinations of the topic), a byte or two each; a late minute O(its minutes).
  void Add(std::uint64_t author, Minute minute, ComboId combo, std::uint32_t posts, const ScopeTable& scopes);

  // Takes one post back, and an author of whom it was the only one (see TopicAuthors).
  void Remove(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes);

  // Over [from, now].
  std::uint64_t Posts(const ScopeFilter& filter, Minute from) const;
  std::uint64_t Authors(const ScopeFilter& filter, Minute from) const { return authors_.Count(filter, from); }

  // Forgets everything before `oldest`. True when nothing is left.
  bool Expire(Minute oldest);

  // Brings what Add will touch into the cache.
  void Prefetch(std::uint64_t author, ComboId combo) const;

  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  struct ScopePosts {
    ScopeId scope;
    MinuteCounts posts;
  };
  void GoOnTo(Minute minute, const ScopeTable& scopes);
  MinuteCounts& Of(ScopeId scope);

  // Most posts are of the newest minute: they are counted by combination, of which there is one a post, and go to the
  // scopes when the next minute comes.
  Minute newest_{0};
  std::vector<std::uint32_t> newest_posts_;  // by place (see TopicAuthors::PlaceOf)
  std::vector<ScopePosts> before_;
  TopicAuthors authors_;
};

}  // namespace tagswell
