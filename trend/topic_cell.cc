#include "trend/topic_cell.h"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "proto/window.h"

namespace tagswell {

std::span<Hit> TopicCell::MutableHits() {
  if (Hit* one = std::get_if<Hit>(&state_)) return {one, one->posts == 0 ? std::size_t{0} : std::size_t{1}};
  if (Hits* many = std::get_if<Hits>(&state_)) return {many->at.get(), many->size};
  return {};
}

void TopicCell::Append(const Hit& hit) {
  const std::span<Hit> before = MutableHits();
  if (before.empty()) {
    state_ = hit;
    return;
  }
  Hits* many = std::get_if<Hits>(&state_);
  const std::size_t capacity = many == nullptr ? 1 : many->capacity;
  if (before.size() == capacity) {
    Hits grown{std::make_unique_for_overwrite<Hit[]>(2 * capacity), static_cast<std::uint32_t>(before.size()),
               static_cast<std::uint32_t>(2 * capacity)};
    std::copy(before.begin(), before.end(), grown.at.get());
    many = &state_.emplace<Hits>(std::move(grown));
  }
  many->at[many->size++] = hit;
}

void TopicCell::Add(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes) {
  if (const auto* busy = std::get_if<std::unique_ptr<BusyCell>>(&state_)) {
    (*busy)->Add(author, minute, combo, 1, scopes);
    return;
  }
  // Merging looks back only a little: it is there for an author who repeats, not for order.
  const std::span<Hit> known = MutableHits();
  const std::size_t look_back = std::min(known.size(), kQuietHitsMax);
  for (std::size_t i = known.size(); i > known.size() - look_back; --i) {
    Hit& hit = known[i - 1];
    if (hit.author == author && hit.minute == minute && hit.combo == combo &&
        hit.posts < std::numeric_limits<std::uint16_t>::max()) {
      ++hit.posts;
      return;
    }
  }
  if (known.size() == kQuietHitsMax) Expire(minute - kWindowMinutesMax);
  Append({author, minute, combo, 1});
}

void TopicCell::Prefetch() const {
  if (const auto* many = std::get_if<Hits>(&state_)) __builtin_prefetch(many->at.get());
  if (const auto* busy = std::get_if<std::unique_ptr<BusyCell>>(&state_)) {
    for (std::size_t at = 0; at < sizeof(BusyCell); at += 64)
      __builtin_prefetch(reinterpret_cast<const char*>(busy->get()) + at);
  }
}

void TopicCell::PrefetchAuthor(std::uint64_t author, ComboId combo) const {
  if (const auto* busy = std::get_if<std::unique_ptr<BusyCell>>(&state_)) (*busy)->Prefetch(author, combo);
}

void TopicCell::Remove(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes) {
  if (const auto* busy = std::get_if<std::unique_ptr<BusyCell>>(&state_)) {
    (*busy)->Remove(author, minute, combo, scopes);
    return;
  }
  const std::span<Hit> known = MutableHits();
  const auto same = [&](const Hit& hit) { return hit.author == author && hit.minute == minute && hit.combo == combo; };
  const auto found = std::find_if(known.begin(), known.end(), same);
  if (found == known.end() || --found->posts > 0) return;
  if (Hits* many = std::get_if<Hits>(&state_)) {
    std::copy(found + 1, known.end(), found);
    --many->size;
  }
}

void TopicCell::Promote(const ScopeTable& scopes) {
  if (busy()) return;
  auto cell = std::make_unique<BusyCell>();
  for (const Hit& hit : hits()) cell->Add(hit.author, hit.minute, hit.combo, hit.posts, scopes);
  state_ = std::move(cell);
}

std::uint64_t TopicCell::Posts(const ScopeFilter& filter, Minute from) const {
  if (const auto* busy = std::get_if<std::unique_ptr<BusyCell>>(&state_)) return (*busy)->Posts(filter, from);
  std::uint64_t posts = 0;
  for (const Hit& hit : hits()) {
    if (hit.minute >= from && filter.Has(hit.combo)) posts += hit.posts;
  }
  return posts;
}

std::uint64_t TopicCell::Authors(const ScopeFilter& filter, Minute from) const {
  if (const auto* busy = std::get_if<std::unique_ptr<BusyCell>>(&state_)) return (*busy)->Authors(filter, from);
  absl::InlinedVector<std::uint64_t, kQuietHitsMax> authors;
  for (const Hit& hit : hits()) {
    if (hit.minute >= from && filter.Has(hit.combo)) authors.push_back(hit.author);
  }
  std::sort(authors.begin(), authors.end());
  return static_cast<std::uint64_t>(std::unique(authors.begin(), authors.end()) - authors.begin());
}

bool TopicCell::Expire(Minute oldest) {
  if (const auto* busy = std::get_if<std::unique_ptr<BusyCell>>(&state_)) {
    if (!(*busy)->Expire(oldest)) return false;
    state_ = Hit{};
    return true;
  }
  const std::span<Hit> known = MutableHits();
  const auto kept =
      std::remove_if(known.begin(), known.end(), [oldest](const Hit& hit) { return hit.minute < oldest; });
  if (kept == known.begin()) {
    state_ = Hit{};
    return true;
  }
  if (Hits* many = std::get_if<Hits>(&state_)) many->size = static_cast<std::uint32_t>(kept - known.begin());
  return false;
}

std::size_t TopicCell::memory_bytes() const {
  if (const auto* many = std::get_if<Hits>(&state_)) return many->capacity * sizeof(Hit);
  if (const auto* busy = std::get_if<std::unique_ptr<BusyCell>>(&state_)) return (*busy)->memory_bytes();
  return 0;
}

void TopicCell::Save(StateWriter& out) const {
  out.Put(busy());
  if (const auto* busy = std::get_if<std::unique_ptr<BusyCell>>(&state_)) {
    (*busy)->Save(out);
    return;
  }
  out.Put(static_cast<std::uint32_t>(hits().size()));
  for (const Hit& hit : hits()) out.Put(hit);
}

void TopicCell::Load(StateReader& in) {
  if (in.Get<bool>()) {
    auto cell = std::make_unique<BusyCell>();
    cell->Load(in);
    state_ = std::move(cell);
    return;
  }
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) Append(in.Get<Hit>());
}

}  // namespace tagswell
