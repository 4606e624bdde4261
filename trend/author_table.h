// Distinct authors and the newest minute each was seen in, over the last 24 hours. An author who comes from several
// places (small numbers of the caller's) stands there once for each. Posts can be taken back: what authors of several
// posts did besides the newest is kept as well, while there is little of it.
// Not thread-safe.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "proto/time.h"
#include "trend/minute_table.h"
#include "trend/state_io.h"

namespace tagswell {

class AuthorTable {
 public:
  static constexpr std::size_t kPlacesMax = MinuteTable::kBitsMax / 2;
  // So many minutes in which an author posted besides their newest: about 200 KiB.
  static constexpr std::size_t kOthersMax = 8'192;

  // `author` is uniform over 64 bits, `place` below kPlacesMax, `posts` at least 1. O(1) amortised. A minute more than
  // 24 hours before the newest is ignored.
  void Add(std::uint64_t author, std::size_t place, Minute minute, std::uint32_t posts = 1);

  // Takes back one post that Add was given: the author is then known from their other posts, or no more. Once there
  // were more than kOthersMax, and for 24 hours, an author of whom no other post is known stays. O(minutes of a day).
  void Remove(std::uint64_t author, std::size_t place, Minute minute);
  void Prefetch(std::uint64_t author) const { table_.Prefetch(author); }

  // Distinct authors seen at or after `from` in a place of which `has(place)` says yes. O(capacity), a nanosecond each.
  template <class Has>
  std::uint64_t Count(Minute from, Has has) const;

  // Calls visit(author, place, minute) for everything kept; an author of several places comes several times.
  template <class Visit>
  void ForEach(Visit visit) const;

  // Forgets what was seen before `oldest`.
  void Expire(Minute oldest);

  // Authors; those of several places count once for each.
  std::size_t size() const { return table_.size(); }
  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  using Slot = MinuteTable::Slot;
  // The lowest bit says that the author is here from other places too; the place is above.
  static constexpr unsigned kManyPlaces = 1;
  static std::size_t PlaceOf(Slot slot) { return MinuteTable::BitsOf(slot) / 2; }
  static Slot KeyOf(Slot slot) { return MinuteTable::WithBits(slot, MinuteTable::BitsOf(slot) & ~kManyPlaces); }

  void AddOthers(Slot key, std::uint32_t posts);
  void ExpireOthers(Minute oldest);

  MinuteTable table_;
  // Author, place and minute, as in a slot -> posts besides the one that the table's own slot stands for.
  absl::flat_hash_map<Slot, std::uint32_t> others_;
  std::optional<Minute> others_lost_;  // when one was last not kept
};

template <class Has>
std::uint64_t AuthorTable::Count(Minute from, Has has) const {
  const int age_max = table_.newest() - from;
  std::uint64_t count = 0;
  std::uint64_t many = 0;
  // Without a branch: slots are full or empty, old or new at random.
  for (const Slot slot : table_.slots()) {
    const Slot counts = static_cast<Slot>(slot != 0) & static_cast<Slot>(table_.AgeOf(slot) <= age_max) &
                        static_cast<Slot>(has(PlaceOf(slot)));
    const Slot of_many = MinuteTable::BitsOf(slot) & kManyPlaces;
    count += counts & ~of_many;
    many += counts & of_many;
  }
  if (many == 0) return count;
  std::vector<std::uint64_t> authors;
  authors.reserve(many);
  for (const Slot slot : table_.slots()) {
    const bool of_many = (MinuteTable::BitsOf(slot) & kManyPlaces) != 0;
    if (of_many && table_.AgeOf(slot) <= age_max && has(PlaceOf(slot))) authors.push_back(MinuteTable::HashOf(slot));
  }
  std::sort(authors.begin(), authors.end());
  return count + static_cast<std::uint64_t>(std::unique(authors.begin(), authors.end()) - authors.begin());
}

template <class Visit>
void AuthorTable::ForEach(Visit visit) const {
  for (const Slot slot : table_.slots()) {
    if (slot != 0) visit(MinuteTable::HashOf(slot), PlaceOf(slot), table_.MinuteOf(slot));
  }
}

}  // namespace tagswell
