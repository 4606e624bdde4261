// Which posts are new: the part of PostIndex that the writer thread owns.
#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

#include "storage/post_index_state.h"

namespace tagswell {
namespace {

// Offsets in a stretch have 24 bits for blocks; a quiet store closes a stretch of ticks long before.
constexpr std::uint64_t kStretchBlocksMax = 1 << 20;
// A mention waits in 16 bytes until its stretch is written, and in 60 more when nobody else uses its topic. Below 2^20,
// where tables of that many topics double.
constexpr std::uint64_t kStretchMentionsMax = 1'000'000;
// Of a stream whose posts are not kept for ever.
constexpr std::chrono::hours kStretchTimeMax{24};

}  // namespace

// Whether a key that the filters could not rule out really was seen within the horizon, before the open stretch.
std::expected<bool, Error> PostIndex::State::SeenBefore(const PostKey& key, SeenFilters::Mask mask, const Older& past,
                                                        std::span<const Position> leaving,
                                                        std::unique_ptr<KeyLookup>& lookup) const {
  const auto stays = [&](Position position) -> std::expected<bool, Error> {
    if (std::ranges::binary_search(leaving, position)) return false;
    const auto retracted = Retracted(position);
    if (!retracted) return retracted;
    return !*retracted;
  };
  // The newest post of a key decides: an older one was retracted before the key could come again.
  for (std::size_t i = past.closed.size(); i-- > 0;) {
    if (const auto position = past.closed[i].keys->Find(key)) return stays(Unpack(*position));
  }
  for (std::size_t g = filters->size(); g-- > 0;) {
    if ((mask >> g & 1) == 0) continue;
    const SeenFilters::Generation& generation = filters->generation(g);
    for (std::uint32_t number = generation.first_stretch + generation.stretches; number-- > generation.first_stretch;) {
      if (!filters->MayHold(g, number, key)) continue;
      const Stretch* const stretch = StretchOf(*past.stretches, number);
      if (stretch == nullptr) continue;  // not written yet, or dropped
      if (!lookup) lookup = std::make_unique<KeyLookup>(database);
      const auto position = lookup->Find(*stretch, key);
      if (!position) return std::unexpected(position.error());
      if (*position) return stays(**position);
    }
  }
  return false;
}

// Takes fresh[i] from the keys that were seen before, the open stretch aside.
std::expected<void, Error> PostIndex::State::ClearSuspects(std::span<const PostKey> keys,
                                                           std::span<const Position> leaving, std::span<bool> fresh) {
  Older past;
  std::vector<std::size_t> suspects;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (masks[i] != 0) suspects.push_back(i);
  }
  if (suspects.empty()) return {};
  {
    const std::lock_guard lock(keys_mutex);
    past = older;
    std::erase_if(suspects, [&](std::size_t i) {
      if (open->Find(keys[i])) fresh[i] = false;
      return !fresh[i];
    });
  }
  std::unique_ptr<KeyLookup> lookup;
  for (const std::size_t i : suspects) {
    const auto seen = SeenBefore(keys[i], masks[i], past, leaving, lookup);
    if (!seen) return std::unexpected(seen.error());
    fresh[i] = !*seen;
  }
  return {};
}

std::expected<void, Error> PostIndex::Admit(std::span<const PostKey> keys, Position first, std::span<bool> fresh,
                                            std::span<const Position> leaving) {
  assert(keys.size() == fresh.size());
  state_->masks.resize(keys.size());
  state_->filters->Probe(keys, state_->masks);
  std::fill(fresh.begin(), fresh.end(), true);
  if (auto cleared = state_->ClearSuspects(keys, leaving, fresh); !cleared) return cleared;

  constexpr std::size_t kAhead = 16;
  std::uint32_t admitted = 0;
  {
    const std::lock_guard lock(state_->keys_mutex);
    YoungKeys& open = *state_->open;
    for (std::size_t i = 0; i < std::min(kAhead, keys.size()); ++i) open.Prefetch(keys[i]);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (i + kAhead < keys.size()) open.Prefetch(keys[i + kAhead]);
      fresh[i] = fresh[i] && open.Add(keys[i], Pack({.block = first.block, .index = first.index + admitted}));
      admitted += fresh[i] ? 1 : 0;
    }
  }
  // In runs, so that the filters can fetch ahead too.
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::size_t begin = i;
    while (i < keys.size() && fresh[i]) ++i;
    state_->filters->Add(keys.subspan(begin, i - begin));
  }
  state_->open_posts += admitted;
  state_->posts += admitted;
  return {};
}

std::expected<void, Error> PostIndex::Restore(const PostKey& key, Position position) {
  const auto retracted = state_->Retracted(position);
  if (!retracted) return std::unexpected(retracted.error());
  if (*retracted) return {};
  {
    const std::lock_guard lock(state_->keys_mutex);
    state_->open->Set(key, Pack(position));
  }
  state_->filters->Add(std::span(&key, 1));
  ++state_->open_posts;
  ++state_->posts;
  return {};
}

void PostIndex::EndBlock(BlockSeq block, Timestamp clock, Timestamp newest, std::uint64_t mentions) {
  state_->open_mentions += mentions;
  const Timestamp time = std::max(clock, newest);
  if (!state_->open_since && time != kTimestampMin) state_->open_since = time;
  const bool is_long = state_->options.retention.posts > Duration{0} && state_->open_since && state_->open_posts > 0 &&
                       time != kTimestampMin && time - *state_->open_since >= kStretchTimeMax;
  const std::uint64_t blocks = static_cast<std::uint64_t>(Next(block)) - static_cast<std::uint64_t>(state_->open_first);
  if (state_->open_posts < state_->options.stretch_posts && blocks < kStretchBlocksMax &&
      state_->open_mentions < kStretchMentionsMax && !is_long)
    return;
  std::shared_ptr<YoungKeys> next;
  {
    const std::lock_guard lock(state_->spares_mutex);
    next = std::move(state_->spares.keys);
    if (state_->spares.filter) state_->filters->Offer(std::move(*state_->spares.filter));
    state_->spares.filter.reset();
  }
  state_->filters->EndStretch(clock);
  state_->filter_bytes = state_->filters->memory_bytes();
  {
    const std::lock_guard lock(state_->spares_mutex);
    state_->spares.filter_keys_wanted = state_->filters->NextGenerationKeys();
  }
  // The next stretch will be as large: no growing on the way there.
  if (!next) next = std::make_shared<YoungKeys>(state_->open->size());
  {
    const std::lock_guard lock(state_->keys_mutex);
    state_->older.closed.push_back({.stretch = {.number = state_->open_number,
                                                .first = state_->open_first,
                                                .last = block,
                                                .posts = static_cast<std::uint32_t>(state_->open->size()),
                                                .clock = clock},
                                    .keys = std::exchange(state_->open, std::move(next))});
  }
  state_->open_first = Next(block);
  state_->open_posts = 0;
  state_->open_mentions = 0;
  state_->open_since.reset();
  ++state_->open_number;
}

void PostIndex::Forget(const PostKey& key, Position position) {
  state_->any_retracted.store(true, std::memory_order_release);
  const std::lock_guard lock(state_->keys_mutex);
  if (state_->open->Find(key) == Pack(position)) state_->open->Erase(key);
}

}  // namespace tagswell
