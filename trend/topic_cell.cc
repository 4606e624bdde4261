#include "trend/topic_cell.h"

#include <algorithm>
#include <limits>

#include <absl/container/inlined_vector.h>

#include "proto/window.h"

namespace tagswell {

TopicCell::ScopePosts& TopicCell::Busy::Of(ScopeId scope) {
  for (ScopePosts& posts : scopes) {
    if (posts.scope == scope) return posts;
  }
  return scopes.emplace_back(ScopePosts{scope, 0, Minute{0}, {}});
}

void TopicCell::ScopePosts::Add(Minute minute, std::uint32_t posts) {
  if (minute < newest) return before.Add(minute, posts);
  if (minute > newest) {
    if (newest_posts > 0) before.Add(newest, newest_posts);
    newest = minute;
    newest_posts = 0;
  }
  newest_posts += posts;
}

std::uint64_t TopicCell::ScopePosts::Since(Minute from) const {
  return before.Sum(from, newest) + (newest >= from ? newest_posts : 0);
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
    for (const ScopeId scope : scopes.ScopesOf(combo)) busy_->Of(scope).Add(minute, 1);
    busy_->authors.Add(author, minute, combo, scopes);
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

void TopicCell::Remove(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes) {
  if (busy_ != nullptr) {
    for (const ScopeId scope : scopes.ScopesOf(combo)) {
      ScopePosts& posts = busy_->Of(scope);
      if (minute == posts.newest) {
        posts.newest_posts -= std::min(posts.newest_posts, 1U);
      } else {
        posts.before.Subtract(minute, 1);
      }
    }
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
  for (const Hit& hit : hits()) {
    for (const ScopeId scope : scopes.ScopesOf(hit.combo)) busy_->Of(scope).Add(hit.minute, hit.posts);
    busy_->authors.Add(hit.author, hit.minute, hit.combo, scopes);
  }
  hits_.reset();
  hits_size_ = hits_capacity_ = 0;
}

std::uint64_t TopicCell::Posts(const ScopeFilter& filter, Minute from) const {
  if (busy_ != nullptr) {
    for (const ScopePosts& posts : busy_->scopes) {
      if (posts.scope == filter.scope()) return posts.Since(from);
    }
    return 0;
  }
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
    for (ScopePosts& posts : busy_->scopes) posts.before.Expire(oldest);
    std::erase_if(busy_->scopes, [oldest](const ScopePosts& posts) { return posts.before.empty() && posts.newest < oldest; });
    busy_->authors.Expire(oldest);
    if (busy_->scopes.empty()) busy_.reset();
    return busy_ == nullptr;
  }
  const auto old = [oldest](const Hit& hit) { return hit.minute < oldest; };
  hits_size_ = static_cast<std::uint32_t>(std::remove_if(hits_.get(), hits_.get() + hits_size_, old) - hits_.get());
  return hits_size_ == 0;
}

std::size_t TopicCell::memory_bytes() const {
  std::size_t bytes = hits_capacity_ * sizeof(Hit);
  if (busy_ != nullptr) {
    for (const ScopePosts& posts : busy_->scopes) bytes += sizeof posts + posts.before.memory_bytes();
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
  out.Put(static_cast<std::uint32_t>(busy_->scopes.size()));
  for (const ScopePosts& posts : busy_->scopes) {
    out.Put(posts.scope);
    out.Put(posts.newest);
    out.Put(posts.newest_posts);
    posts.before.Save(out);
  }
  busy_->authors.Save(out);
}

void TopicCell::Load(StateReader& in) {
  const bool busy = in.Get<bool>();
  if (busy) busy_ = std::make_unique<Busy>();
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    if (!busy) {
      Append(in.Get<Hit>());
      continue;
    }
    ScopePosts& posts = busy_->Of(in.Get<ScopeId>());
    in.Get(posts.newest);
    in.Get(posts.newest_posts);
    posts.before.Load(in);
  }
  if (busy) busy_->authors.Load(in);
}

}  // namespace tagswell
