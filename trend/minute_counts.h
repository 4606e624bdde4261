// Counts per minute over the last 24 hours, sparse: memory grows with the minutes that saw anything, 8 bytes each.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "proto/time.h"
#include "trend/state_io.h"

namespace tagswell {

class MinuteCounts {
 public:
  struct Entry {
    Minute minute;
    std::uint32_t count;
  };

  // Amortised O(1) in time order; O(entries) for a late minute.
  void Add(Minute minute, std::uint32_t count);

  // Takes back what Add put there; more than is there leaves zero.
  void Subtract(Minute minute, std::uint32_t count);

  // Sum over [from, to). O(log entries + entries in the range).
  std::uint64_t Sum(Minute from, Minute to) const;

  // Forgets everything before `oldest`.
  void Expire(Minute oldest);

  bool empty() const { return entries_.empty(); }
  const std::vector<Entry>& entries() const { return entries_; }
  void Save(StateWriter& out) const { out.PutAll(entries_); }
  void Load(StateReader& in) { in.GetAll(entries_); }
  std::size_t memory_bytes() const { return entries_.capacity() * sizeof(Entry); }

 private:
  std::vector<Entry> entries_;  // ascending minutes
};

}  // namespace tagswell
