#include "trend/topic_watch.h"

#include <algorithm>

namespace tagswell {
namespace {

// An author counts once in the longest span: posting on for hours adds nothing.
constexpr int kAuthorMinutes = kSpans.back();
// So many authors may share a text before the next ones are doubted: people do quote each other.
constexpr unsigned kSameTextFree = 2;
// So many authors of one host need no others beside them. With two that were there before the topic was watched, whose
// hosts are not known, and half as many doubted ones that is still too few for a trend.
constexpr double kSameHostFree = 1;
// Beyond them a host may bring so many times its usual part before the next ones are doubted.
constexpr double kHostPartMax = 2;

}  // namespace

ScopeWatch* TopicWatch::Find(ScopeId scope) {
  const auto found =
      std::find_if(scopes_.begin(), scopes_.end(), [scope](const ScopeWatch& watch) { return watch.scope() == scope; });
  return found == scopes_.end() ? nullptr : &*found;
}

ScopeWatch& TopicWatch::Of(ScopeId scope) {
  if (ScopeWatch* found = Find(scope)) return *found;
  return scopes_.emplace_back(scope);
}

std::size_t TopicWatch::PlaceOf(ComboId combo) {
  const auto found =
      std::find_if(places_.begin(), places_.end(), [combo](const OfPlace& of) { return of.combo == combo; });
  const auto place = static_cast<std::size_t>(found - places_.begin());
  if (found == places_.end()) places_.push_back({combo});
  return place;
}

void TopicWatch::Prune(Minute minute) {
  const bool due = minute - pruned_ >= 30;
  for (MinuteTable* table : {&authors_, &texts_, &hosts_}) {
    table->GoOnTo(minute);
    if (due) table->Expire(minute + 1 - kAuthorMinutes);
  }
  if (due) pruned_ = minute;
}

unsigned TopicWatch::CountOf(MinuteTable& table, std::uint64_t hash, Minute minute) {
  auto wanted = table.Make(hash * 0x9E3779B97F4A7C15, 0, minute);
  const auto [slot, first] = table.FindOrAdd(wanted, [](MinuteTable::Slot) { return true; });
  const unsigned before = first || table.AgeOf(*slot) >= kAuthorMinutes ? 0 : MinuteTable::BitsOf(*slot);
  const unsigned count = std::min(before + 1, MinuteTable::kBitsMax - 1);
  *slot = MinuteTable::WithBits(wanted, count);
  return count;
}

void TopicWatch::Add(Minute minute, std::span<const MentionHit> hits, const ScopeTable& scopes,
                     const HostShares& hosts) {
  Prune(minute);
  for (const MentionHit& hit : hits) {
    const std::size_t place = PlaceOf(hit.combo);
    OfPlace& counts = places_[place];
    ++counts.posts;
    // Beyond so many places the author is told apart no more; the counts are.
    const auto bits = static_cast<unsigned>(2 * std::min<std::size_t>(place, MinuteTable::kBitsMax / 2 - 1));
    auto wanted = authors_.Make(hit.author, bits, minute);
    const auto [seen, is_new] = authors_.FindOrAdd(wanted, [](MinuteTable::Slot) { return true; });
    if (!is_new && authors_.AgeOf(*seen) < kAuthorMinutes) continue;
    bool doubted = hit.doubtful;
    if (hit.text != 0) doubted |= CountOf(texts_, hit.text, minute) > kSameTextFree;
    if (hit.host != 0) {
      const unsigned count = CountOf(hosts_, hit.host, minute);
      const double usual = hosts.Of(hit.combo, hit.host) * static_cast<double>(authors_.size());
      doubted |= count > kSameHostFree + kHostPartMax * usual;
    }
    *seen = MinuteTable::WithBits(wanted, bits | (doubted ? 1U : 0U));
    ++(doubted ? counts.doubted : counts.trusted);
  }
  for (OfPlace& counts : places_) {
    if (counts.posts == 0) continue;
    for (const ScopeId scope : scopes.ScopesOf(counts.combo)) {
      ScopeWatch& watch = Of(scope);
      watch.AddPosts(minute, counts.posts);
      watch.AddAuthors(minute, counts.trusted, counts.doubted);
    }
    counts = {counts.combo};
  }
}

void TopicWatch::Remove(const MentionHit& hit, Minute minute, const ScopeTable& scopes) {
  for (const ScopeId scope : scopes.ScopesOf(hit.combo)) Of(scope).RemovePosts(minute, 1);
  const MinuteTable::Slot* const seen = authors_.Find(hit.author);
  // Only the post that made the author count takes the author away.
  if (seen == nullptr || authors_.MinuteOf(*seen) != minute) return;
  const bool doubted = MinuteTable::BitsOf(*seen) % 2 != 0;
  for (const ScopeId scope : scopes.ScopesOf(hit.combo)) Of(scope).RemoveAuthor(minute, doubted);
  authors_.Remove(hit.author);
}

bool TopicWatch::forgettable(Minute now) const {
  return std::all_of(scopes_.begin(), scopes_.end(), [now](const ScopeWatch& watch) { return watch.forgettable(now); });
}

std::size_t TopicWatch::memory_bytes() const {
  std::size_t bytes = sizeof *this + places_.capacity() * sizeof(OfPlace);
  for (const MinuteTable* table : {&authors_, &texts_, &hosts_}) bytes += table->memory_bytes();
  for (const ScopeWatch& watch : scopes_) bytes += watch.memory_bytes();
  return bytes;
}

void TopicWatch::Save(StateWriter& out) const {
  authors_.Save(out);
  texts_.Save(out);
  hosts_.Save(out);
  out.PutAll(places_);
  out.Put(pruned_);
  out.Put(static_cast<std::uint32_t>(scopes_.size()));
  for (const ScopeWatch& watch : scopes_) watch.Save(out);
}

void TopicWatch::Load(StateReader& in) {
  authors_.Load(in);
  texts_.Load(in);
  hosts_.Load(in);
  in.GetAll(places_);
  in.Get(pruned_);
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) scopes_.emplace_back(kWorld).Load(in);
}

}  // namespace tagswell
