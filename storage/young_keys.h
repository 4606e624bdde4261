// The keys of the stretch that is being filled, and where their posts stand. A flat table that is probed line by line:
// one miss a key. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "proto/post_key.h"
#include "storage/huge_memory.h"
#include "storage/key_page.h"

namespace tagswell {

class YoungKeys {
 public:
  // Room for `keys_max` keys; it grows beyond them.
  explicit YoungKeys(std::size_t keys_max);

  // True when `key` was new: it stands at `position` from now on.
  bool Add(const PostKey& key, PackedPosition position);
  void Set(const PostKey& key, PackedPosition position);  // whether new or not
  std::optional<PackedPosition> Find(const PostKey& key) const;
  void Erase(const PostKey& key);

  void Prefetch(const PostKey& key) const { __builtin_prefetch(&slots_[Place(key)], 1); }

  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const { return (capacity_ + kTail) * sizeof(Slot); }

  // Nearly in the order of the keys: none stands further from its place than the run of full slots that it is in.
  template <typename Visit>
  void Each(const Visit& visit) const {
    for (std::size_t i = 0; i < capacity_ + kTail; ++i) {
      if (slots_[i].position > kErased) visit(slots_[i].key, slots_[i].position);
    }
  }

 private:
  struct Slot {
    PostKey key;
    PackedPosition position;
  };
  // No post stands in block 0.
  static constexpr PackedPosition kEmpty = 0;
  static constexpr PackedPosition kErased = 1;

  // Runs of full slots end here at the latest, so that they need not wrap around.
  static constexpr std::size_t kTail = 64;

  // The high half of the product: an even spread over any number of slots without a division, in the order of the
  // keys. They are keyed hashes.
  std::size_t Place(const PostKey& key) const {
    return static_cast<std::size_t>((static_cast<__uint128_t>(key.high) * capacity_) >> 64);
  }
  Slot* SlotOf(const PostKey& key) const;  // the key's own, or the empty one where it belongs; null: no slot is left
  void Grow();

  std::size_t capacity_;
  std::size_t used_ = 0;  // slots that are not empty
  std::size_t size_ = 0;
  std::unique_ptr<Slot[], FreeMemory> slots_;
};

}  // namespace tagswell
