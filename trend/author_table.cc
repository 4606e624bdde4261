#include "trend/author_table.h"

#include "proto/window.h"

namespace tagswell {

void AuthorTable::Add(std::uint64_t author, std::size_t place, Minute minute) {
  table_.GoOnTo(minute);
  const int age = table_.newest() - minute;
  if (age >= kWindowMinutesMax) return;
  Slot wanted = table_.Make(author, static_cast<unsigned>(2 * place), minute);
  const auto [found, added] = table_.FindOrAdd(wanted, [&](Slot& slot) {
    if (PlaceOf(slot) == place) return true;
    slot = MinuteTable::WithBits(slot, MinuteTable::BitsOf(slot) | kManyPlaces);
    wanted = MinuteTable::WithBits(wanted, MinuteTable::BitsOf(wanted) | kManyPlaces);
    return false;
  });
  if (!added && age < table_.AgeOf(*found))
    *found = table_.Make(MinuteTable::HashOf(*found), MinuteTable::BitsOf(*found), minute);
}

}  // namespace tagswell
