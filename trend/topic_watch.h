// What the detector keeps about one topic: who posted it within the longest span, and a ScopeWatch for every scope it
// was seen in. Fed with closed minutes only, in order. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trend/host_shares.h"
#include "trend/mention_hit.h"
#include "trend/minute_table.h"
#include "trend/scope_watch.h"

namespace tagswell {

class TopicWatch {
 public:
  // The hits of one closed minute. An author counts once in that time. The third author of the same text, and
  // those after, are doubted, as are young and automated accounts, and those by which a host brings far more than its
  // usual part.
  void Add(Minute minute, std::span<const MentionHit> hits, const ScopeTable& scopes, const HostShares& hosts);

  // Takes one post back that Add was given.
  void Remove(const MentionHit& hit, Minute minute, const ScopeTable& scopes);

  std::vector<ScopeWatch>& scopes() { return scopes_; }
  const std::vector<ScopeWatch>& scopes() const { return scopes_; }
  ScopeWatch* Find(ScopeId scope);
  ScopeWatch& Of(ScopeId scope);

  bool forgettable(Minute now) const;
  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  struct OfPlace {
    ComboId combo;
    std::uint32_t posts = 0;  // of the minute that is being added
    std::uint32_t trusted = 0;
    std::uint32_t doubted = 0;
  };
  std::size_t PlaceOf(ComboId combo);
  void Prune(Minute minute);

  // Counts an author of a text or of a host; gives how many there are within the longest span, with this one.
  static unsigned CountOf(MinuteTable& table, std::uint64_t hash, Minute minute);

  // They hold the minute in which an author was counted, or a text or host met last. The bits of an author: whether
  // they are doubted, and above it their place. Those of a text or a host: how many authors it has.
  MinuteTable authors_;
  MinuteTable texts_;
  MinuteTable hosts_;
  Minute pruned_{0};
  std::vector<OfPlace> places_;
  std::vector<ScopeWatch> scopes_;
};

}  // namespace tagswell
