#include "trend/topic_cell.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <absl/container/inlined_vector.h>

#include "proto/window.h"

namespace tagswell {

MinuteCounts& TopicCell::Busy::Of(ScopeId scope) {
  for (ScopePosts& of : before) {
    if (of.scope == scope) return of.posts;
  }
  return before.emplace_back(ScopePosts{scope, {}}).posts;
}

void TopicCell::Busy::GoOnTo(Minute minute, const ScopeTable& scopes) {
  for (std::size_t place = 0; place < newest_posts.size(); ++place) {
    const std::uint32_t posts = std::exchange(newest_posts[place], 0);
    if (posts == 0) continue;
    for (const ScopeId scope : scopes.ScopesOf(authors.places()[place])) Of(scope).Add(newest, posts);
  }
  newest = minute;
}

void TopicCell::Busy::Add(std::uint64_t author, Minute minute, ComboId combo, std::uint32_t posts, const ScopeTable& scopes) {
  if (minute > newest) GoOnTo(minute, scopes);
  const std::size_t place = authors.PlaceOf(combo);
  if (place >= newest_posts.size()) newest_posts.resize(place + 1, 0);
  if (minute == newest) {
    newest_posts[place] += posts;
  } else {
    for (const ScopeId scope : scopes.ScopesOf(combo)) Of(scope).Add(minute, posts);
  }
  authors.Add(author, minute, place, scopes);
}

void TopicCell::Busy::Remove(Minute minute, ComboId combo, const ScopeTable& scopes) {
  if (minute == newest) {
    const std::size_t place = authors.PlaceOf(combo);
    if (place < newest_posts.size() && newest_posts[place] > 0) --newest_posts[place];
    return;
  }
  for (const ScopeId scope : scopes.ScopesOf(combo)) Of(scope).Subtract(minute, 1);
}

std::uint64_t TopicCell::Busy::Posts(const ScopeFilter& filter, Minute from) const {
  std::uint64_t posts = 0;
  if (newest >= from) {
    for (std::size_t place = 0; place < newest_posts.size(); ++place) {
      if (newest_posts[place] > 0 && filter.Has(authors.places()[place])) posts += newest_posts[place];
    }
  }
  for (const ScopePosts& of : before) {
    if (of.scope == filter.scope()) return posts + of.posts.Sum(from, newest);
  }
  return posts;
}

void TopicCell::Append(const Hit& hit) {
  if (hits_size_ == hits_capacity_) {
    const std::uint32_t capacity = hits_capacity_ == 0 ? 1 : hits_capacity_ * 2;
    auto grown = std::make_unique_for_overwrite<Hit[]>(capacity);
    std::copy_n(hits_.get(), hits_size_, grown.get());
    hits_ = std::move(grown);
    hits_capacity_ = capacity;
  }
  hits_[hits_size_++] = hit;
}

void TopicCell::Add(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes) {
  if (busy_ != nullptr) {
    busy_->Add(author, minute, combo, 1, scopes);
    return;
  }
  // Merging looks back only a little: it is there for an author who repeats, not for order.
  const std::uint32_t look_back = std::min<std::uint32_t>(hits_size_, kQuietHitsMax);
  for (std::uint32_t i = hits_size_; i > hits_size_ - look_back; --i) {
    Hit& hit = hits_[i - 1];
    if (hit.author == author && hit.minute == minute && hit.combo == combo && hit.posts < std::numeric_limits<std::uint16_t>::max()) {
      ++hit.posts;
      return;
    }
  }
  if (hits_size_ == kQuietHitsMax) Expire(minute - kWindowMinutesMax);
  Append({author, minute, combo, 1});
}

void TopicCell::Prefetch() const {
  if (busy_ == nullptr) {
    __builtin_prefetch(hits_.get());
    return;
  }
  for (std::size_t at = 0; at < sizeof(Busy); at += 64) __builtin_prefetch(reinterpret_cast<const char*>(busy_.get()) + at);
}

void TopicCell::PrefetchAuthor(std::uint64_t author, ComboId combo) const {
  if (busy_ == nullptr) return;
  __builtin_prefetch(busy_->newest_posts.data());
  busy_->authors.Prefetch(author, combo);
}

void TopicCell::Remove(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes) {
  if (busy_ != nullptr) {
    busy_->Remove(minute, combo, scopes);
    return;
  }
  for (std::uint32_t i = 0; i < hits_size_; ++i) {
    Hit& hit = hits_[i];
    if (hit.author != author || hit.minute != minute || hit.combo != combo) continue;
    if (--hit.posts == 0) {
      std::copy(hits_.get() + i + 1, hits_.get() + hits_size_, hits_.get() + i);
      --hits_size_;
    }
    return;
  }
}

void TopicCell::Promote(const ScopeTable& scopes) {
  if (busy_ != nullptr) return;
  busy_ = std::make_unique<Busy>();
  for (const Hit& hit : hits()) busy_->Add(hit.author, hit.minute, hit.combo, hit.posts, scopes);
  hits_.reset();
  hits_size_ = hits_capacity_ = 0;
}

std::uint64_t TopicCell::Posts(const ScopeFilter& filter, Minute from) const {
  if (busy_ != nullptr) return busy_->Posts(filter, from);
  std::uint64_t posts = 0;
  for (const Hit& hit : hits()) {
    if (hit.minute >= from && filter.Has(hit.combo)) posts += hit.posts;
  }
  return posts;
}

std::uint64_t TopicCell::Authors(const ScopeFilter& filter, Minute from) const {
  if (busy_ != nullptr) return busy_->authors.Count(filter, from);
  absl::InlinedVector<std::uint64_t, kQuietHitsMax> authors;
  for (const Hit& hit : hits()) {
    if (hit.minute >= from && filter.Has(hit.combo)) authors.push_back(hit.author);
  }
  std::sort(authors.begin(), authors.end());
  return static_cast<std::uint64_t>(std::unique(authors.begin(), authors.end()) - authors.begin());
}

bool TopicCell::Expire(Minute oldest) {
  if (busy_ != nullptr) {
    for (ScopePosts& of : busy_->before) of.posts.Expire(oldest);
    std::erase_if(busy_->before, [](const ScopePosts& of) { return of.posts.empty(); });
    busy_->authors.Expire(oldest);
    if (busy_->before.empty() && busy_->newest < oldest) busy_.reset();
    return busy_ == nullptr;
  }
  const auto old = [oldest](const Hit& hit) { return hit.minute < oldest; };
  hits_size_ = static_cast<std::uint32_t>(std::remove_if(hits_.get(), hits_.get() + hits_size_, old) - hits_.get());
  return hits_size_ == 0;
}

std::size_t TopicCell::memory_bytes() const {
  std::size_t bytes = hits_capacity_ * sizeof(Hit);
  if (busy_ != nullptr) {
    bytes += sizeof *busy_ + busy_->newest_posts.capacity() * sizeof(std::uint32_t);
    for (const ScopePosts& of : busy_->before) bytes += sizeof of + of.posts.memory_bytes();
    bytes += busy_->authors.memory_bytes();
  }
  return bytes;
}

void TopicCell::Save(StateWriter& out) const {
  out.Put(busy());
  if (busy_ == nullptr) {
    out.Put(hits_size_);
    for (const Hit& hit : hits()) out.Put(hit);
    return;
  }
  out.Put(static_cast<std::uint32_t>(busy_->before.size()));
  for (const ScopePosts& of : busy_->before) {
    out.Put(of.scope);
    of.posts.Save(out);
  }
  out.Put(busy_->newest);
  out.PutAll(busy_->newest_posts);
  busy_->authors.Save(out);
}

void TopicCell::Load(StateReader& in) {
  const bool busy = in.Get<bool>();
  if (busy) busy_ = std::make_unique<Busy>();
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    if (busy) {
      busy_->Of(in.Get<ScopeId>()).Load(in);
    } else {
      Append(in.Get<Hit>());
    }
  }
  if (!busy) return;
  in.Get(busy_->newest);
  in.GetAll(busy_->newest_posts);
  busy_->authors.Load(in);
}

}  // namespace tagswell
