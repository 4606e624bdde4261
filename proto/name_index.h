// From the hash of a name to a small id, for millions of names: 8 bytes a slot, in shards that grow one by one, so that
// nothing has a pause that grows with their number. The names themselves lie elsewhere: the caller compares them.
// Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tagswell {

class NameIndex {
 public:
  // The id that was inserted under `hash` and of which `is(id)` says yes. O(1).
  template <class Is>
  std::optional<std::uint32_t> Find(std::uint64_t hash, Is is) const;

  // Precondition: no such name is there yet. O(1) amortised; at most O(names / 256).
  void Insert(std::uint64_t hash, std::uint32_t id);

  // Precondition: it is there.
  void Erase(std::uint64_t hash, std::uint32_t id);

  // Brings what Find(hash) will look at into the cache.
  void Prefetch(std::uint64_t hash) const {
    const Shard& shard = ShardOf(hash);
    if (!shard.slots.empty()) __builtin_prefetch(&shard.slots[shard.HomeOf(KeptOf(hash))]);
  }

  std::size_t memory_bytes() const;

 private:
  static constexpr std::size_t kShards = 256;
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t id_above = 0;  // the id and one; 0 is empty
  };
  struct Shard {
    std::vector<Slot> slots;  // empty, or a power of two of them
    std::size_t used = 0;
    int shift = 0;
    std::size_t HomeOf(std::uint32_t hash) const { return hash >> shift; }
    void Put(Slot slot);
  };
  // The top bits choose the shard, the next ones the slot.
  static std::uint32_t KeptOf(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 24); }
  Shard& ShardOf(std::uint64_t hash) { return shards_[hash >> 56]; }
  const Shard& ShardOf(std::uint64_t hash) const { return shards_[hash >> 56]; }

  std::array<Shard, kShards> shards_;
};

template <class Is>
std::optional<std::uint32_t> NameIndex::Find(std::uint64_t hash, Is is) const {
  const Shard& shard = ShardOf(hash);
  if (shard.slots.empty()) return std::nullopt;
  const std::uint32_t kept = KeptOf(hash);
  const std::size_t mask = shard.slots.size() - 1;
  for (std::size_t at = shard.HomeOf(kept); shard.slots[at].id_above != 0; at = (at + 1) & mask) {
    if (shard.slots[at].hash == kept && is(shard.slots[at].id_above - 1)) return shard.slots[at].id_above - 1;
  }
  return std::nullopt;
}

}  // namespace tagswell
