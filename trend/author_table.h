// Distinct authors and the newest minute each was seen in, over the last 24 hours, 8 bytes each: open addressing with
// linear probing. An author who comes from several places (small numbers of the caller's) stands there once for each.
// Of a hash 41 bits are kept: at 32,768 authors two pass for one in one table of four thousand.
// Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "proto/time.h"
#include "trend/state_io.h"

namespace tagswell {

class AuthorTable {
 public:
  static constexpr std::size_t kPlacesMax = 2048;
  // What the table knows of a hash; never 0.
  static constexpr std::uint64_t Kept(std::uint64_t author) { return std::max(author & ~kRest, kRest + 1); }

  // `author` is uniform over 64 bits, `place` below kPlacesMax. O(1) amortised. A minute more than 24 hours before the
  // newest is ignored.
  void Add(std::uint64_t author, std::size_t place, Minute minute);

  // Brings what Add will touch into the cache.
  void Prefetch(std::uint64_t author) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[HomeOf(author)]);
  }

  // Distinct authors seen at or after `from` in a place of which `has(place)` says yes. O(capacity), a nanosecond each.
  template <class Has>
  std::uint64_t Count(Minute from, Has has) const;

  // Calls visit(author, place, minute) for everything kept; an author of several places comes several times.
  template <class Visit>
  void ForEach(Visit visit) const;

  // Forgets an author.
  void Remove(std::uint64_t author);

  // Forgets what was seen before `oldest`.
  void Expire(Minute oldest);

  // Authors; those of several places count once for each.
  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  // 41 bits of hash, 11 of place, one that says the author is here from other places too, 11 of minute modulo 2048.
  // 0 is empty.
  using Slot = std::uint64_t;
  static constexpr Slot kMinuteMask = 2047;
  static constexpr Slot kManyPlaces = Slot{1} << 11;
  static constexpr int kPlaceShift = 12;
  static constexpr Slot kRest = (Slot{1} << 23) - 1;

  static std::size_t PlaceOf(Slot slot) { return static_cast<std::size_t>(slot >> kPlaceShift) % kPlacesMax; }
  int AgeOf(Slot slot) const { return static_cast<int>((static_cast<unsigned>(newest_) - static_cast<unsigned>(slot)) & kMinuteMask); }
  std::size_t HomeOf(Slot slot) const { return static_cast<std::size_t>(slot >> shift_); }
  void Rebuild(std::size_t capacity);
  void Insert(Slot slot);

  std::vector<Slot> slots_;   // empty, or a power of two of them
  int shift_ = 0;             // of a hash down to its home slot
  std::size_t size_ = 0;
  Minute newest_{0};
};

template <class Has>
std::uint64_t AuthorTable::Count(Minute from, Has has) const {
  const int age_max = newest_ - from;
  std::uint64_t count = 0;
  std::uint64_t many = 0;
  // Without a branch: slots are full or empty, old or new at random.
  for (const Slot slot : slots_) {
    const Slot counts = static_cast<Slot>(slot != 0) & static_cast<Slot>(AgeOf(slot) <= age_max) & static_cast<Slot>(has(PlaceOf(slot)));
    const Slot of_many = (slot & kManyPlaces) / kManyPlaces;
    count += counts & ~of_many;
    many += counts & of_many;
  }
  if (many == 0) return count;
  std::vector<Slot> authors;
  authors.reserve(many);
  for (const Slot slot : slots_) {
    if ((slot & kManyPlaces) != 0 && AgeOf(slot) <= age_max && has(PlaceOf(slot))) authors.push_back(slot & ~kRest);
  }
  std::sort(authors.begin(), authors.end());
  return count + static_cast<std::uint64_t>(std::unique(authors.begin(), authors.end()) - authors.begin());
}

template <class Visit>
void AuthorTable::ForEach(Visit visit) const {
  for (const Slot slot : slots_) {
    if (slot != 0) visit(slot & ~kRest, PlaceOf(slot), newest_ - AgeOf(slot));
  }
}

}  // namespace tagswell
