// The distinct authors of one busy topic, in every scope, over any window up to 24 hours: exact while they are few,
// then a SlidingHyperLogLog for each scope. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "proto/time.h"
#include "trend/author_table.h"
#include "trend/scope_table.h"
#include "trend/sliding_hyperloglog.h"
#include "trend/state_io.h"

namespace tagswell {

class TopicAuthors {
 public:
  // One table for all scopes; beyond this many authors in 24 hours the sketches take over, for good: a dozen of them,
  // for as many scopes, weigh several times as much as the table then does.
  static constexpr std::size_t kExactMax = 32'768;

  // The number, from 0, that a combination of scopes has in this topic. O(combinations of the topic), a byte or two
  // each.
  std::size_t PlaceOf(ComboId combo);

  // `place`: of PlaceOf. O(1) while exact, O(scopes of the combination) after.
  void Add(std::uint64_t author, Minute minute, std::uint32_t posts, std::size_t place, const ScopeTable& scopes);

  // Takes back one post of the author. A sketch forgets nothing.
  void Remove(std::uint64_t author, Minute minute, std::size_t place) {
    if (exact()) exact_.Remove(author, place, minute);
  }

  // Brings what PlaceOf and Add will touch into the cache.
  void Prefetch(std::uint64_t author, ComboId combo) const;

  // Authors of the scope seen at or after `from`. O(authors) while exact, O(16,384) after.
  std::uint64_t Count(const ScopeFilter& filter, Minute from) const;

  // Forgets authors not seen since `oldest`.
  void Expire(Minute oldest) { exact_.Expire(oldest); }

  bool exact() const { return sketches_.empty(); }
  const std::vector<ComboId>& places() const { return places_; }
  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  using Sketch = std::pair<ScopeId, std::unique_ptr<SlidingHyperLogLog>>;
  // The sketches that a place adds to.
  struct Route {
    std::array<SlidingHyperLogLog*, 4> to{};
  };

  void AddToSketches(std::uint64_t author, Minute minute, std::size_t place, const ScopeTable& scopes);

  std::vector<ComboId> places_;
  AuthorTable exact_;
  std::vector<Sketch> sketches_;  // empty while exact
  std::vector<Route> routes_;     // by place; made when first needed
};

}  // namespace tagswell
