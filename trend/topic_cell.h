// What one topic did in the last 24 hours: posts and distinct authors, in every scope, over any window that ends now.
// Two tiers. A quiet topic keeps its raw hits (16 bytes each) and answers by looking at them. A busy one has a
// BusyCell. Promote() is the step between; the caller decides when, since only it knows a moment that does not depend
// on the order of arrival. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <variant>

#include "proto/time.h"
#include "trend/busy_cell.h"
#include "trend/scope_table.h"
#include "trend/state_io.h"

namespace tagswell {

// The posts of one author in one minute and one combination of scopes.
struct Hit {
  std::uint64_t author;
  Minute minute;
  ComboId combo;
  std::uint16_t posts;
};

class TopicCell {
 public:
  // Beyond this many raw hits the topic is busy.
  static constexpr std::size_t kQuietHitsMax = 32;

  // O(hits) while quiet, O(scopes) when busy.
  void Add(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes);

  // Bring into the cache what Add will touch, in two steps: what the second reads must be there by then.
  void Prefetch() const;
  void PrefetchAuthor(std::uint64_t author, ComboId combo) const;

  // Takes one post back, and an author of whom it was the only one. Exact until there are so many that TopicAuthors
  // estimates.
  void Remove(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes);

  void Promote(const ScopeTable& scopes);
  bool busy() const { return std::holds_alternative<std::unique_ptr<BusyCell>>(state_); }

  // Over [from, now]. Posts are exact.
  std::uint64_t Posts(const ScopeFilter& filter, Minute from) const;
  std::uint64_t Authors(const ScopeFilter& filter, Minute from) const;

  // Raw hits of a quiet topic; empty when busy.
  std::span<const Hit> hits() const { return const_cast<TopicCell*>(this)->MutableHits(); }

  // Forgets everything before `oldest`. True when nothing is left.
  bool Expire(Minute oldest);

  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  struct Hits {
    std::unique_ptr<Hit[]> at;
    std::uint32_t size;
    std::uint32_t capacity;
  };
  std::span<Hit> MutableHits();
  void Append(const Hit& hit);

  // Millions of topics have one hit only: it stands here itself, without an allocation. A Hit without posts is none.
  std::variant<Hit, Hits, std::unique_ptr<BusyCell>> state_;
};

}  // namespace tagswell
