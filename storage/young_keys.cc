#include "storage/young_keys.h"

#include <algorithm>
#include <utility>

namespace tagswell {
namespace {

// Two thirds full at last: a search looks at few slots, most of them within one cache line.
constexpr std::size_t CapacityFor(std::size_t keys) {
  return std::max<std::size_t>(64, keys + keys / 2);
}

}  // namespace

YoungKeys::YoungKeys(std::size_t keys_max)
    : capacity_(CapacityFor(keys_max)), slots_(ZeroedMemory<Slot>(capacity_ + kTail)) {}

YoungKeys::Slot* YoungKeys::SlotOf(const PostKey& key) const {
  Slot* const end = slots_.get() + capacity_ + kTail;
  for (Slot* slot = slots_.get() + Place(key); slot != end; ++slot) {
    if (slot->position == kEmpty || slot->key == key) return slot;
  }
  return nullptr;
}

bool YoungKeys::Add(const PostKey& key, PackedPosition position) {
  if (4 * used_ >= 3 * capacity_) Grow();
  Slot* slot = SlotOf(key);
  for (; slot == nullptr; slot = SlotOf(key)) Grow();
  if (slot->position > kErased) return false;
  used_ += slot->position == kEmpty ? 1 : 0;
  ++size_;
  *slot = {.key = key, .position = position};
  return true;
}

void YoungKeys::Set(const PostKey& key, PackedPosition position) {
  if (!Add(key, position)) SlotOf(key)->position = position;
}

std::optional<PackedPosition> YoungKeys::Find(const PostKey& key) const {
  const Slot* slot = SlotOf(key);
  if (slot == nullptr || slot->position <= kErased) return std::nullopt;
  return slot->position;
}

// The slot stays taken: keys behind it were placed past it.
void YoungKeys::Erase(const PostKey& key) {
  Slot* slot = SlotOf(key);
  if (slot == nullptr || slot->position <= kErased) return;
  slot->position = kErased;
  --size_;
}

void YoungKeys::Grow() {
  YoungKeys larger(capacity_ + capacity_ / 3);  // twice the slots
  Each([&](const PostKey& key, PackedPosition position) { larger.Add(key, position); });
  *this = std::move(larger);
}

}  // namespace tagswell
