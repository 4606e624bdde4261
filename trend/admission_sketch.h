// Which topics came lately, and by whom, in a fixed memory of 16 MiB: a topic is let in when a second author brings it.
// A slot a topic, by its hash; the newest in a slot stays, so about four million topics are remembered. One that nobody
// brought before passes with a chance of 1 in 65,536, as one that meets another's slot.
// The idea is that of TinyLFU's doorkeeper (Einziger, Friedman, Manes 2017, section 3.4.2). Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "trend/state_io.h"

namespace tagswell {

class AdmissionSketch {
 public:
  // True when another author brought the topic lately. Both hashes are keyed. O(1).
  bool Admit(std::uint64_t topic, std::uint64_t author);

  // Nothing until the first question.
  std::size_t memory_bytes() const { return slots_.capacity() * sizeof(std::uint32_t); }
  void Save(StateWriter& out) const { out.PutAll(slots_); }
  void Load(StateReader& in);

 private:
  static constexpr int kSlotBits = 22;

  std::vector<std::uint32_t> slots_;  // 16 bits of the topic, 16 of its author; 0: nobody
};

}  // namespace tagswell
