// Distinct authors over any window up to 24 hours: exact while they are few, then a SlidingHyperLogLog.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>

#include <absl/container/flat_hash_map.h>

#include "proto/time.h"
#include "trend/sliding_hyperloglog.h"
#include "trend/state_io.h"

namespace tagswell {

class DistinctAuthors {
 public:
  // 17 bytes an author; beyond this many authors in 24 hours the sketch takes over, for good.
  static constexpr std::size_t kExactMax = 4096;

  void Add(std::uint64_t author, Minute minute);

  // Authors seen at or after `from`. O(authors) while exact, O(16,384) after.
  std::uint64_t Count(Minute from) const;

  // Forgets an author whose only post of the last 24 hours this was; a sketch forgets nothing.
  void Remove(std::uint64_t author);

  // Forgets authors not seen since `oldest`.
  void Expire(Minute oldest);

  bool exact() const { return sketch_ == nullptr; }
  std::size_t memory_bytes() const;

  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  absl::flat_hash_map<std::uint64_t, Minute> last_seen_;
  std::unique_ptr<SlidingHyperLogLog> sketch_;
};

}  // namespace tagswell
