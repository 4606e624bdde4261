#include "trend/minute_table.h"

#include <bit>

#include "proto/window.h"

namespace tagswell {
namespace {

constexpr std::size_t kCapacityMin = 8;
// Minutes are known modulo 2048: what has left the window goes before the count could wrap.
constexpr int kSweepMinutes = 300;
static_assert(kWindowMinutesMax + 2 * kSweepMinutes <= 2048);

}  // namespace

bool MinuteTable::SweepsBefore(Minute minute) const {
  return minute > newest_ && static_cast<int>(minute) / kSweepMinutes != static_cast<int>(newest_) / kSweepMinutes;
}

void MinuteTable::GoOnTo(Minute minute) {
  if (SweepsBefore(minute) && size_ > 0) Expire(minute + 1 - kWindowMinutesMax);
  newest_ = std::max(newest_, minute);
}

void MinuteTable::Rebuild(std::size_t capacity) {
  std::vector<Slot> before(capacity, 0);
  before.swap(slots_);
  shift_ = 64 - std::countr_zero(capacity);
  const std::size_t mask = capacity - 1;
  size_ = 0;
  for (const Slot slot : before) {
    if (slot == 0) continue;
    std::size_t at = HomeOf(slot);
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = slot;
    ++size_;
  }
}

void MinuteTable::Grow() {
  Rebuild(std::max(kCapacityMin, 2 * slots_.size()));
}

const MinuteTable::Slot* MinuteTable::Find(std::uint64_t hash) const {
  if (slots_.empty()) return nullptr;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = HomeOf(Kept(hash)); slots_[at] != 0; at = (at + 1) & mask) {
    if (HashOf(slots_[at]) == Kept(hash)) return &slots_[at];
  }
  return nullptr;
}

// A gap would cut searches short: those behind it that may stand there move up (Knuth, The Art of Computer Programming
// 3, 6.4, algorithm R).
void MinuteTable::Erase(Slot* slot) {
  const std::size_t mask = slots_.size() - 1;
  auto gap = static_cast<std::size_t>(slot - slots_.data());
  for (std::size_t at = (gap + 1) & mask; slots_[at] != 0; at = (at + 1) & mask) {
    const std::size_t home = HomeOf(slots_[at]);
    if (((at - home) & mask) < ((at - gap) & mask)) continue;  // its home is behind the gap
    slots_[gap] = slots_[at];
    gap = at;
  }
  slots_[gap] = 0;
  --size_;
}

void MinuteTable::Remove(std::uint64_t hash) {
  while (Slot* const found = FindThat(hash, [](Slot) { return true; })) Erase(found);
}

void MinuteTable::Expire(Minute oldest) {
  const int age_max = newest_ - oldest;
  std::size_t kept = 0;
  for (Slot& slot : slots_) {
    if (slot != 0 && AgeOf(slot) > age_max) slot = 0;
    if (slot != 0) ++kept;
  }
  if (kept == size_) return;
  if (kept == 0) {
    slots_ = {};
    size_ = 0;
    return;
  }
  Rebuild(std::max(kCapacityMin, std::bit_ceil(2 * kept)));
}

// Half of the slots are empty: only the others are written.
void MinuteTable::Save(StateWriter& out) const {
  out.Put(newest_);
  out.Put(static_cast<std::uint64_t>(size_));
  for (const Slot slot : slots_) {
    if (slot != 0) out.Put(slot);
  }
}

void MinuteTable::Load(StateReader& in) {
  in.Get(newest_);
  in.GetAll(slots_);
  if (slots_.empty()) return;
  Rebuild(std::max(kCapacityMin, std::bit_ceil(2 * slots_.size())));
}

}  // namespace tagswell
