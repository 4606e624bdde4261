// From hashes to the newest minute each was seen in and 12 bits of the caller's, over the last 24 hours: 8 bytes each,
// open addressing with linear probing. A hash may stand there several times, told apart by the caller's bits.
// Of a hash 41 bits are kept: at 32,768 of them two pass for one in one table of four thousand.
// Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "proto/time.h"
#include "trend/state_io.h"

namespace tagswell {

class MinuteTable {
 public:
  // 41 bits of hash, 12 of the caller's, 11 of minute modulo 2048. 0 is empty.
  using Slot = std::uint64_t;
  static constexpr unsigned kBitsMax = 4096;
  static constexpr unsigned BitsOf(Slot slot) { return static_cast<unsigned>(slot >> kBitsShift) % kBitsMax; }
  static constexpr Slot WithBits(Slot slot, unsigned bits) {
    return (slot & ~(Slot{kBitsMax - 1} << kBitsShift)) | (Slot{bits} << kBitsShift);
  }

  // What the table keeps of a hash; never 0.
  static constexpr std::uint64_t Kept(std::uint64_t hash) { return std::max(hash & ~kRest, kRest + 1); }
  static constexpr std::uint64_t HashOf(Slot slot) { return slot & ~kRest; }

  // Time goes on to `minute`, if that is later. Now and then everything older than 24 hours goes.
  void GoOnTo(Minute minute);
  bool SweepsBefore(Minute minute) const;  // whether it goes on the way to `minute`
  Minute newest() const { return newest_; }

  // A slot for `hash` and a minute that is not before the newest less 24 hours.
  Slot Make(std::uint64_t hash, unsigned bits, Minute minute) const {
    return Kept(hash) | (Slot{bits} << kBitsShift) | (static_cast<Slot>(static_cast<int>(minute)) & kMinuteMask);
  }
  int AgeOf(Slot slot) const {
    return static_cast<int>((static_cast<unsigned>(newest_) - static_cast<unsigned>(slot)) & kMinuteMask);
  }
  Minute MinuteOf(Slot slot) const { return newest_ - AgeOf(slot); }

  // The slot with the hash of `wanted` of which `is(slot)` says yes; else `wanted` is added, and the second is true.
  // `is` may change the bits of the slots it is asked about, and those of `wanted`. O(1) amortised.
  template <class Is>
  std::pair<Slot*, bool> FindOrAdd(Slot& wanted, Is is);

  // Any slot of the hash; null when there is none.
  const Slot* Find(std::uint64_t hash) const;

  // Brings what the two above will touch into the cache.
  void Prefetch(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[HomeOf(Kept(hash))]);
  }

  // All slots, empty ones among them.
  const std::vector<Slot>& slots() const { return slots_; }

  // The slot of the hash of which `is(slot)` says yes; null when there is none.
  template <class Is>
  Slot* FindThat(std::uint64_t hash, Is is);

  // Forgets a slot of this table; others may move. O(1) amortised.
  void Erase(Slot* slot);

  // Forgets a hash.
  void Remove(std::uint64_t hash);

  // Forgets what was seen before `oldest`. O(capacity).
  void Expire(Minute oldest);

  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  static constexpr Slot kMinuteMask = 2047;
  static constexpr int kBitsShift = 11;
  static constexpr Slot kRest = (Slot{1} << 23) - 1;

  // Scattered by Fibonacci's multiplier (Knuth, The Art of Computer Programming 3, 6.4): hashes that come in rising
  // order would fill the table from its front and make every search long.
  std::size_t HomeOf(Slot slot) const {
    return static_cast<std::size_t>((HashOf(slot) * 0x9E3779B97F4A7C15) >> shift_);
  }
  void Rebuild(std::size_t capacity);
  void Grow();

  std::vector<Slot> slots_;  // empty, or a power of two of them
  int shift_ = 0;            // of a scattered hash down to its home slot
  std::size_t size_ = 0;
  Minute newest_{0};
};

template <class Is>
std::pair<MinuteTable::Slot*, bool> MinuteTable::FindOrAdd(Slot& wanted, Is is) {
  // Three quarters full at most: a search then looks at one cache line, mostly.
  if (4 * (size_ + 1) > 3 * slots_.size()) Grow();
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = HomeOf(wanted);; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot == 0) {
      slot = wanted;
      ++size_;
      return {&slot, true};
    }
    if (HashOf(slot) == HashOf(wanted) && is(slot)) return {&slot, false};
  }
}

template <class Is>
MinuteTable::Slot* MinuteTable::FindThat(std::uint64_t hash, Is is) {
  if (slots_.empty()) return nullptr;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = HomeOf(Kept(hash)); slots_[at] != 0; at = (at + 1) & mask) {
    if (HashOf(slots_[at]) == Kept(hash) && is(slots_[at])) return &slots_[at];
  }
  return nullptr;
}

}  // namespace tagswell
