#include "trend/name_index.h"

#include <bit>
#include <utility>

namespace tagswell {
namespace {

constexpr std::size_t kCapacityMin = 8;

}  // namespace

void NameIndex::Shard::Put(Slot slot) {
  const std::size_t mask = slots.size() - 1;
  std::size_t at = HomeOf(slot.hash);
  while (slots[at].id_above != 0) at = (at + 1) & mask;
  slots[at] = slot;
}

void NameIndex::Insert(std::uint64_t hash, std::uint32_t id) {
  Shard& shard = ShardOf(hash);
  if (4 * (shard.used + 1) > 3 * shard.slots.size()) {
    const std::size_t capacity = shard.slots.empty() ? kCapacityMin : 2 * shard.slots.size();
    const std::vector<Slot> before = std::exchange(shard.slots, std::vector<Slot>(capacity));
    shard.shift = 32 - std::countr_zero(capacity);
    for (const Slot& slot : before) {
      if (slot.id_above != 0) shard.Put(slot);
    }
  }
  shard.Put({KeptOf(hash), id + 1});
  ++shard.used;
}

void NameIndex::Erase(std::uint64_t hash, std::uint32_t id) {
  Shard& shard = ShardOf(hash);
  const std::size_t mask = shard.slots.size() - 1;
  std::size_t gap = shard.HomeOf(KeptOf(hash));
  while (shard.slots[gap].id_above != id + 1) gap = (gap + 1) & mask;
  // What stands behind the gap moves up, if the gap lies between it and its home: no search is cut short.
  for (std::size_t at = (gap + 1) & mask; shard.slots[at].id_above != 0; at = (at + 1) & mask) {
    const std::size_t home = shard.HomeOf(shard.slots[at].hash);
    if (((at - home) & mask) < ((at - gap) & mask)) continue;
    shard.slots[gap] = shard.slots[at];
    gap = at;
  }
  shard.slots[gap] = {};
  --shard.used;
}

std::size_t NameIndex::memory_bytes() const {
  std::size_t bytes = sizeof *this;
  for (const Shard& shard : shards_) bytes += shard.slots.capacity() * sizeof(Slot);
  return bytes;
}

}  // namespace tagswell
