#include "trend/topic_watch.h"

#include <algorithm>

#include <absl/container/inlined_vector.h>

namespace tagswell {
namespace {

// An author counts once in the longest span: posting on for hours adds nothing.
constexpr int kAuthorMinutes = kSpans.back();
// So many authors may share a text before the next ones are doubted: people do quote each other.
constexpr std::uint32_t kSameTextFree = 2;

}  // namespace

ScopeWatch* TopicWatch::Find(ScopeId scope) {
  const auto found = std::find_if(scopes_.begin(), scopes_.end(), [scope](const ScopeWatch& watch) { return watch.scope() == scope; });
  return found == scopes_.end() ? nullptr : &*found;
}

ScopeWatch& TopicWatch::Of(ScopeId scope) {
  if (ScopeWatch* found = Find(scope)) return *found;
  return scopes_.emplace_back(scope);
}

void TopicWatch::Prune(Minute minute) {
  if (minute - pruned_ < 30) return;
  absl::erase_if(authors_, [minute](const auto& entry) { return minute - entry.second.last >= kAuthorMinutes; });
  absl::erase_if(texts_, [minute](const auto& entry) { return minute - entry.second.last >= kAuthorMinutes; });
  pruned_ = minute;
}

void TopicWatch::Add(Minute minute, std::span<const MentionHit> hits, const ScopeTable& scopes) {
  Prune(minute);
  // First by combination, of which there are few, so that each scope is touched once.
  struct OfCombo {
    ComboId combo;
    std::uint32_t posts = 0;
    std::uint32_t trusted = 0;
    std::uint32_t doubted = 0;
  };
  absl::InlinedVector<OfCombo, 16> combos;
  const auto of = [&combos](ComboId combo) -> OfCombo& {
    for (OfCombo& known : combos) {
      if (known.combo == combo) return known;
    }
    return combos.emplace_back(OfCombo{combo});
  };
  for (const MentionHit& hit : hits) {
    OfCombo& counts = of(hit.combo);
    ++counts.posts;
    const auto [entry, is_new] = authors_.try_emplace(hit.author, Seen{minute, minute, hit.combo, false});
    Seen& seen = entry->second;
    const bool fresh = is_new || minute - seen.counted >= kAuthorMinutes;
    seen.last = minute;
    if (!fresh) continue;
    bool doubted = hit.doubtful;
    if (hit.text != 0) {
      SameText& same = texts_.try_emplace(hit.text, SameText{minute, 0}).first->second;
      if (minute - same.last >= kAuthorMinutes) same.authors = 0;
      same.last = minute;
      doubted |= ++same.authors > kSameTextFree;
    }
    seen = {minute, minute, hit.combo, doubted};
    ++(doubted ? counts.doubted : counts.trusted);
  }
  for (const OfCombo& counts : combos) {
    for (const ScopeId scope : scopes.ScopesOf(counts.combo)) {
      ScopeWatch& watch = Of(scope);
      watch.AddPosts(minute, counts.posts);
      watch.AddAuthors(minute, counts.trusted, counts.doubted);
    }
  }
}

void TopicWatch::Remove(const MentionHit& hit, Minute minute, const ScopeTable& scopes) {
  for (const ScopeId scope : scopes.ScopesOf(hit.combo)) Of(scope).RemovePosts(minute, 1);
  const auto entry = authors_.find(hit.author);
  // Only the post that made the author count takes the author away.
  if (entry == authors_.end() || entry->second.counted != minute) return;
  for (const ScopeId scope : scopes.ScopesOf(hit.combo)) Of(scope).RemoveAuthor(minute, entry->second.doubted);
  authors_.erase(entry);
}

bool TopicWatch::forgettable(Minute now) const {
  return std::all_of(scopes_.begin(), scopes_.end(), [now](const ScopeWatch& watch) { return watch.forgettable(now); });
}

std::size_t TopicWatch::memory_bytes() const {
  std::size_t bytes = sizeof *this + authors_.capacity() * (sizeof(Seen) + 9) + texts_.capacity() * (sizeof(SameText) + 5);
  for (const ScopeWatch& watch : scopes_) bytes += watch.memory_bytes();
  return bytes;
}

void TopicWatch::Save(StateWriter& out) const {
  out.Put(static_cast<std::uint32_t>(authors_.size()));
  for (const auto& [author, seen] : authors_) {
    out.Put(author);
    out.Put(seen);
  }
  out.Put(static_cast<std::uint32_t>(texts_.size()));
  for (const auto& [text, same] : texts_) {
    out.Put(text);
    out.Put(same);
  }
  out.Put(pruned_);
  out.Put(static_cast<std::uint32_t>(scopes_.size()));
  for (const ScopeWatch& watch : scopes_) watch.Save(out);
}

void TopicWatch::Load(StateReader& in) {
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const auto author = in.Get<std::uint64_t>();
    in.Get(authors_[author]);
  }
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const auto text = in.Get<std::uint32_t>();
    in.Get(texts_[text]);
  }
  in.Get(pruned_);
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) scopes_.emplace_back(kWorld).Load(in);
}

}  // namespace tagswell
