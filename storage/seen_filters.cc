#include "storage/seen_filters.h"

#include <algorithm>
#include <utility>

namespace tagswell {
namespace {

constexpr std::uint64_t kGenerationPostsMax = 1ULL << 26;
constexpr std::uint32_t kGenerationStretchesMax = 64;
constexpr std::uint64_t kStretchKeysMin = 1 << 14;

// So many keys are fetched ahead of the reads: enough to hide the memory, few enough to stay in the first cache.
constexpr std::size_t kAhead = 16;

// Uses only what the key files keep of a key: `high` and the upper 16 bits of `low`.
BlockedBloom::Hash FilterHash(const PostKey& key) {
  const std::uint64_t mixed = (key.high ^ (key.low >> 48)) * 0x9e3779b97f4a7c15ULL;
  return {.line = key.high, .bits = mixed ^ (mixed >> 29)};
}

}  // namespace

SeenFilters::SeenFilters(const StoreOptions& options, std::uint32_t first_stretch)
    : horizon_(options.duplicate_horizon),
      horizon_posts_(options.duplicate_horizon_posts),
      stretch_posts_(options.stretch_posts),
      last_stretch_posts_(options.stretch_posts) {
  Open(first_stretch);
}

std::uint64_t SeenFilters::KeysMax(std::uint64_t more) const {
  std::uint64_t posts = more;
  for (const Generation& generation : generations_) posts += generation.posts;
  return std::clamp<std::uint64_t>(posts, stretch_posts_, std::max<std::uint64_t>(stretch_posts_, kGenerationPostsMax));
}

BlockedBloom SeenFilters::StretchFilter() const {
  const std::uint64_t most = std::max<std::uint64_t>(1, stretch_posts_ / 4 * 3);
  return BlockedBloom(std::clamp<std::uint64_t>(last_stretch_posts_, std::min(kStretchKeysMin, most), most));
}

std::uint64_t SeenFilters::NextGenerationKeys() const {
  const Generation& newest = generations_.back();
  const bool room = newest.posts + last_stretch_posts_ + last_stretch_posts_ / 2 <= newest.keys_max;
  if (room && newest.stretches + 1 < kGenerationStretchesMax) return 0;
  return KeysMax(last_stretch_posts_);
}

void SeenFilters::Open(std::uint32_t first_stretch) {
  const std::uint64_t keys = KeysMax(0);
  const bool fits = offered_ && offered_->memory_bytes() >= BlockedBloom::kBytesPerKey * keys;
  BlockedBloom filter = fits ? std::move(*offered_) : BlockedBloom(keys);
  offered_.reset();
  generations_.push_back(
      Generation{.filter = std::move(filter), .stretch_filters = {}, .first_stretch = first_stretch, .keys_max = keys});
  generations_.back().stretch_filters.push_back(StretchFilter());
}

void SeenFilters::Add(std::span<const PostKey> keys) {
  Generation& newest = generations_.back();
  BlockedBloom& stretch = newest.stretch_filters.back();
  const auto fetch = [&](std::size_t i) {
    if (i >= keys.size()) return;
    newest.filter.Prefetch(FilterHash(keys[i]));
    stretch.Prefetch(FilterHash(keys[i]));
  };
  for (std::size_t i = 0; i < kAhead; ++i) fetch(i);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    fetch(i + kAhead);
    newest.filter.Add(FilterHash(keys[i]));
    stretch.Add(FilterHash(keys[i]));
  }
  newest.posts += keys.size();
  open_stretch_posts_ += keys.size();
}

void SeenFilters::Probe(std::span<const PostKey> keys, std::span<Mask> masks) const {
  std::fill(masks.begin(), masks.end(), Mask{0});
  for (std::size_t g = 0; g < generations_.size(); ++g) {
    const BlockedBloom& filter = generations_[g].filter;
    for (std::size_t i = 0; i < std::min(kAhead, keys.size()); ++i) filter.Prefetch(FilterHash(keys[i]));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (i + kAhead < keys.size()) filter.Prefetch(FilterHash(keys[i + kAhead]));
      if (filter.MayContain(FilterHash(keys[i]))) masks[i] |= Mask{1} << g;
    }
  }
}

bool SeenFilters::MayHold(std::size_t g, std::uint32_t stretch, const PostKey& key) const {
  const Generation& generation = generations_[g];
  return generation.stretch_filters[stretch - generation.first_stretch].MayContain(FilterHash(key));
}

void SeenFilters::EndStretch(Timestamp clock) {
  Generation& newest = generations_.back();
  ++newest.stretches;
  newest.clock = clock;
  last_stretch_posts_ = std::exchange(open_stretch_posts_, 0);
  // Stretches are not quite equal: what would go beyond by less than a half of one still fits.
  if (newest.posts + last_stretch_posts_ / 2 > newest.keys_max || newest.stretches == kGenerationStretchesMax) {
    Open(newest.first_stretch + newest.stretches);
  } else {
    newest.stretch_filters.push_back(StretchFilter());
  }

  std::uint64_t posts = 0;
  for (const Generation& generation : generations_) posts += generation.posts;
  while (generations_.size() > 1) {
    const Generation& oldest = generations_.front();
    const bool too_many = posts - oldest.posts >= horizon_posts_;
    const bool too_old = oldest.clock + horizon_ < clock;
    if (!too_many && !too_old) break;
    posts -= oldest.posts;
    generations_.pop_front();
  }
}

std::uint64_t SeenFilters::memory_bytes() const {
  std::uint64_t bytes = 0;
  for (const Generation& generation : generations_) {
    bytes += generation.filter.memory_bytes();
    for (const BlockedBloom& filter : generation.stretch_filters) bytes += filter.memory_bytes();
  }
  return bytes;
}

}  // namespace tagswell
