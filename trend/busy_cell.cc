#include "trend/busy_cell.h"

#include <algorithm>
#include <utility>

namespace tagswell {

MinuteCounts& BusyCell::Of(ScopeId scope) {
  for (ScopePosts& of : before_) {
    if (of.scope == scope) return of.posts;
  }
  return before_.emplace_back(ScopePosts{scope, {}}).posts;
}

void BusyCell::GoOnTo(Minute minute, const ScopeTable& scopes) {
  for (std::size_t place = 0; place < newest_posts_.size(); ++place) {
    const std::uint32_t posts = std::exchange(newest_posts_[place], 0);
    if (posts == 0) continue;
    for (const ScopeId scope : scopes.ScopesOf(authors_.places()[place])) Of(scope).Add(newest_, posts);
  }
  newest_ = minute;
}

void BusyCell::Add(std::uint64_t author, Minute minute, ComboId combo, std::uint32_t posts, const ScopeTable& scopes) {
  if (minute > newest_) GoOnTo(minute, scopes);
  const std::size_t place = authors_.PlaceOf(combo);
  if (place >= newest_posts_.size()) newest_posts_.resize(place + 1, 0);
  if (minute == newest_) {
    newest_posts_[place] += posts;
  } else {
    for (const ScopeId scope : scopes.ScopesOf(combo)) Of(scope).Add(minute, posts);
  }
  authors_.Add(author, minute, posts, place, scopes);
}

void BusyCell::Remove(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes) {
  const std::size_t place = authors_.PlaceOf(combo);
  authors_.Remove(author, minute, place);
  if (minute == newest_) {
    if (place < newest_posts_.size() && newest_posts_[place] > 0) --newest_posts_[place];
    return;
  }
  for (const ScopeId scope : scopes.ScopesOf(combo)) Of(scope).Subtract(minute, 1);
}

std::uint64_t BusyCell::Posts(const ScopeFilter& filter, Minute from) const {
  std::uint64_t posts = 0;
  if (newest_ >= from) {
    for (std::size_t place = 0; place < newest_posts_.size(); ++place) {
      if (newest_posts_[place] > 0 && filter.Has(authors_.places()[place])) posts += newest_posts_[place];
    }
  }
  for (const ScopePosts& of : before_) {
    if (of.scope == filter.scope()) return posts + of.posts.Sum(from, newest_);
  }
  return posts;
}

bool BusyCell::Expire(Minute oldest) {
  for (ScopePosts& of : before_) of.posts.Expire(oldest);
  std::erase_if(before_, [](const ScopePosts& of) { return of.posts.empty(); });
  authors_.Expire(oldest);
  return before_.empty() && newest_ < oldest;
}

void BusyCell::Prefetch(std::uint64_t author, ComboId combo) const {
  __builtin_prefetch(newest_posts_.data());
  authors_.Prefetch(author, combo);
}

std::size_t BusyCell::memory_bytes() const {
  std::size_t bytes = sizeof *this + newest_posts_.capacity() * sizeof(std::uint32_t) + authors_.memory_bytes();
  for (const ScopePosts& of : before_) bytes += sizeof of + of.posts.memory_bytes();
  return bytes;
}

void BusyCell::Save(StateWriter& out) const {
  out.Put(newest_);
  out.PutAll(newest_posts_);
  out.Put(static_cast<std::uint32_t>(before_.size()));
  for (const ScopePosts& of : before_) {
    out.Put(of.scope);
    of.posts.Save(out);
  }
  authors_.Save(out);
}

void BusyCell::Load(StateReader& in) {
  in.Get(newest_);
  in.GetAll(newest_posts_);
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) Of(in.Get<ScopeId>()).Load(in);
  authors_.Load(in);
}

}  // namespace tagswell
