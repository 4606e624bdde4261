// The distinct authors of one busy topic, in every scope, over any window up to 24 hours: exact while they are few, then
// a SlidingHyperLogLog for each scope.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "proto/time.h"
#include "trend/scope_table.h"
#include "trend/sliding_hyperloglog.h"
#include "trend/state_io.h"

namespace tagswell {

class TopicAuthors {
 public:
  // One table for all scopes, 17 bytes an author; beyond this many authors in 24 hours the sketches take over, for good:
  // a dozen of them, for as many scopes, weigh several times as much as the table then does.
  static constexpr std::size_t kExactMax = 32'768;

  // O(1) while exact, O(scopes of the combination) after.
  void Add(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes);

  // Authors of the scope seen at or after `from`. O(authors) while exact, O(16,384) after.
  std::uint64_t Count(const ScopeFilter& filter, Minute from) const;

  // Forgets an author; for one whose only post this was. A sketch forgets nothing.
  void Remove(std::uint64_t author);

  // Forgets authors not seen since `oldest`.
  void Expire(Minute oldest);

  bool exact() const { return sketches_.empty(); }
  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  struct Seen {
    Minute last;
    ComboId combo;
    bool elsewhere;  // was seen in other combinations too: they are in elsewhere_
  };
  struct Elsewhere {
    std::uint64_t author;
    Minute last;
    ComboId combo;
  };
  using Sketch = std::pair<ScopeId, std::unique_ptr<SlidingHyperLogLog>>;

  void AddToSketches(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes);
  void AddElsewhere(std::uint64_t author, Minute minute, ComboId combo);

  absl::flat_hash_map<std::uint64_t, Seen> seen_;
  std::vector<Elsewhere> elsewhere_;   // few: people rarely change language, country or network
  std::vector<Sketch> sketches_;       // empty while exact
};

}  // namespace tagswell
