// What one topic did in the last 24 hours: posts and distinct authors, in every scope, over any window that ends now.
// Two tiers. A quiet topic keeps its raw hits (16 bytes each) and answers by looking at them. A busy one keeps, per
// scope, counts per minute, and a TopicAuthors. Promote() is the step between; the caller decides when, since only
// it knows a moment that does not depend on the order of arrival.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "proto/time.h"
#include "trend/minute_counts.h"
#include "trend/scope_table.h"
#include "trend/state_io.h"
#include "trend/topic_authors.h"

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

  // Takes one post back. Posts are exact; the author goes when this was the only hit that is known of them.
  void Remove(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes);

  void Promote(const ScopeTable& scopes);
  bool busy() const { return busy_ != nullptr; }

  // Over [from, now]. Posts are exact.
  std::uint64_t Posts(const ScopeFilter& filter, Minute from) const;
  std::uint64_t Authors(const ScopeFilter& filter, Minute from) const;

  // Raw hits of a quiet topic; empty when busy.
  std::span<const Hit> hits() const { return {hits_.get(), hits_size_}; }

  // Forgets everything before `oldest`. True when nothing is left.
  bool Expire(Minute oldest);

  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  struct ScopePosts {
    ScopeId scope;
    MinuteCounts posts;
  };
  // Most posts are of the newest minute: they are counted by combination, of which there is one a post, and go to the
  // scopes when the next minute comes.
  struct Busy {
    Minute newest{0};
    std::vector<std::uint32_t> newest_posts;  // by place (see TopicAuthors::PlaceOf)
    std::vector<ScopePosts> before;
    TopicAuthors authors;
    void Add(std::uint64_t author, Minute minute, ComboId combo, std::uint32_t posts, const ScopeTable& scopes);
    void Remove(Minute minute, ComboId combo, const ScopeTable& scopes);
    std::uint64_t Posts(const ScopeFilter& filter, Minute from) const;
    void GoOnTo(Minute minute, const ScopeTable& scopes);
    MinuteCounts& Of(ScopeId scope);
  };

  void Append(const Hit& hit);

  // A hand-kept vector: 16 bytes in place of 24 for the millions of topics with one or two hits.
  std::unique_ptr<Hit[]> hits_;
  std::uint32_t hits_size_ = 0;
  std::uint32_t hits_capacity_ = 0;
  std::unique_ptr<Busy> busy_;
};

}  // namespace tagswell
