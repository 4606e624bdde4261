// What the detector keeps about one topic: who posted it within the longest span, and a ScopeWatch for every scope it was seen
// in. Fed with closed minutes only, in order. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "trend/mention_hit.h"
#include "trend/scope_watch.h"

namespace tagswell {

class TopicWatch {
 public:
  // The hits of one closed minute. An author counts once in that time. The third author of the same text, and
  // those after, are doubted, as are young and automated accounts.
  void Add(Minute minute, std::span<const MentionHit> hits, const ScopeTable& scopes);

  // Takes one post back that Add was given.
  void Remove(const MentionHit& hit, Minute minute, const ScopeTable& scopes);

  std::vector<ScopeWatch>& scopes() { return scopes_; }
  const std::vector<ScopeWatch>& scopes() const { return scopes_; }
  ScopeWatch* Find(ScopeId scope);
  ScopeWatch& Of(ScopeId scope);

  // Authors seen within the longest span: where an episode's own count of authors begins.
  template <class Visit>
  void ForEachAuthor(Visit visit) const {
    for (const auto& [author, seen] : authors_) visit(author, seen.combo);
  }

  bool forgettable(Minute now) const;
  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  struct Seen {
    Minute counted;      // the minute in which the author was counted last
    Minute last;
    ComboId combo;
    bool doubted;
  };
  struct SameText {
    Minute last;
    std::uint32_t authors;
  };
  void Prune(Minute minute);

  absl::flat_hash_map<std::uint64_t, Seen> authors_;
  absl::flat_hash_map<std::uint32_t, SameText> texts_;
  Minute pruned_{0};
  std::vector<ScopeWatch> scopes_;
};

}  // namespace tagswell
