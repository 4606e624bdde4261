#include "trend/author_table.h"

#include "proto/window.h"

namespace tagswell {

void AuthorTable::Add(std::uint64_t author, std::size_t place, Minute minute, std::uint32_t posts) {
  if (table_.SweepsBefore(minute)) ExpireOthers(minute + 1 - kWindowMinutesMax);
  table_.GoOnTo(minute);
  const int age = table_.newest() - minute;
  if (age >= kWindowMinutesMax) return;
  Slot wanted = table_.Make(author, static_cast<unsigned>(2 * place), minute);
  const Slot key = wanted;
  const auto [found, added] = table_.FindOrAdd(wanted, [&](Slot& slot) {
    if (PlaceOf(slot) == place) return true;
    slot = MinuteTable::WithBits(slot, MinuteTable::BitsOf(slot) | kManyPlaces);
    wanted = MinuteTable::WithBits(wanted, MinuteTable::BitsOf(wanted) | kManyPlaces);
    return false;
  });
  if (added || age >= table_.AgeOf(*found)) {
    AddOthers(key, added ? posts - 1 : posts);
    return;
  }
  AddOthers(KeyOf(*found), 1);
  AddOthers(key, posts - 1);
  *found = table_.Make(MinuteTable::HashOf(*found), MinuteTable::BitsOf(*found), minute);
}

void AuthorTable::AddOthers(Slot key, std::uint32_t posts) {
  if (posts == 0) return;
  const auto known = others_.find(key);
  if (known != others_.end()) {
    known->second += posts;
  } else if (others_.size() < kOthersMax) {
    others_.emplace(key, posts);
  } else {
    others_lost_ = table_.newest();
  }
}

void AuthorTable::Remove(std::uint64_t author, std::size_t place, Minute minute) {
  const int age = table_.newest() - minute;
  if (age < 0 || age >= kWindowMinutesMax) return;
  const auto take = [this](Slot key) {
    const auto known = others_.find(key);
    if (known == others_.end()) return false;
    if (--known->second == 0) others_.erase(known);
    return true;
  };
  const auto bits = static_cast<unsigned>(2 * place);
  if (take(table_.Make(author, bits, minute))) return;
  Slot* const newest = table_.FindThat(author, [place](Slot slot) { return PlaceOf(slot) == place; });
  if (newest == nullptr || table_.AgeOf(*newest) != age) return;
  for (Minute before = minute - 1; !others_.empty() && table_.newest() - before < kWindowMinutesMax;
       before = before - 1) {
    if (!take(table_.Make(author, bits, before))) continue;
    *newest = table_.Make(author, MinuteTable::BitsOf(*newest), before);
    return;
  }
  if (!others_lost_) table_.Erase(newest);
}

void AuthorTable::Expire(Minute oldest) {
  table_.Expire(oldest);
  ExpireOthers(oldest);
}

void AuthorTable::ExpireOthers(Minute oldest) {
  const int age_max = table_.newest() - oldest;
  absl::erase_if(others_, [&](const auto& other) { return table_.AgeOf(other.first) > age_max; });
  if (others_.empty()) others_ = {};  // it keeps its slots otherwise
  if (others_lost_ && *others_lost_ < oldest) others_lost_.reset();
}

std::size_t AuthorTable::memory_bytes() const {
  return table_.memory_bytes() + others_.capacity() * (sizeof(std::pair<Slot, std::uint32_t>) + 1);
}

void AuthorTable::Save(StateWriter& out) const {
  table_.Save(out);
  out.Put(others_lost_.value_or(Minute{0}));
  out.Put(static_cast<std::uint64_t>(others_.size()));
  for (const auto& [key, posts] : others_) {
    out.Put(key);
    out.Put(posts);
  }
}

void AuthorTable::Load(StateReader& in) {
  table_.Load(in);
  if (const auto lost = in.Get<Minute>(); lost != Minute{0}) others_lost_ = lost;
  for (auto left = in.Get<std::uint64_t>(); left > 0 && in.ok(); --left) {
    const auto key = in.Get<Slot>();
    others_.emplace(key, in.Get<std::uint32_t>());
  }
}

}  // namespace tagswell
