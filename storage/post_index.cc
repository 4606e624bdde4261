#include "storage/post_index.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <deque>
#include <mutex>
#include <utility>

#include "storage/database.h"
#include "storage/key_page.h"
#include "storage/meta_keys.h"
#include "storage/seen_filters.h"
#include "storage/stretch_files.h"

namespace tagswell {
namespace {

// Offsets in a stretch have 24 bits for blocks; a quiet store closes a stretch of ticks long before.
constexpr std::uint64_t kStretchBlocksMax = 1 << 20;

struct KeyHash {
  std::size_t operator()(const PostKey& key) const { return key.low; }  // a keyed hash already
};
using YoungKeys = absl::flat_hash_map<PostKey, PackedPosition, KeyHash>;

// A full stretch whose files are not written yet.
struct ClosedStretch {
  Stretch stretch;
  std::shared_ptr<const YoungKeys> keys;
};

}  // namespace

struct PostIndex::State {
  // One look at everything but the open stretch; immutable.
  struct Older {
    std::deque<ClosedStretch> closed;                       // oldest first
    std::shared_ptr<const std::vector<Stretch>> stretches;  // by number
  };

  State(Database& db, const StoreOptions& chosen) : database(db), options(chosen), files(db) {}

  std::expected<bool, Error> Retracted(Position position) const {
    if (!any_retracted.load(std::memory_order_acquire)) return false;
    auto row = database.Get(Family::kMeta, PositionKey(kRetractedPrefix, position));
    if (!row) return std::unexpected(row.error());
    return row->has_value();
  }
  std::expected<bool, Error> SeenBefore(const PostKey& key, SeenFilters::Mask mask, const Older& older,
                                        std::unique_ptr<KeyLookup>& lookup) const;
  std::expected<void, Error> ClearSuspects(std::span<const PostKey> keys, std::span<bool> fresh);
  std::expected<void, Error> Build(const ClosedStretch& closed);

  Database& database;
  const StoreOptions options;
  StretchFiles files;

  // Writer thread only.
  std::unique_ptr<SeenFilters> filters;
  std::vector<SeenFilters::Mask> masks;
  BlockSeq open_first{1};
  std::uint32_t open_posts = 0;
  std::uint32_t open_number = 0;

  mutable std::mutex keys_mutex;  // guards the next two
  std::shared_ptr<YoungKeys> open = std::make_shared<YoungKeys>();
  Older older{.closed = {}, .stretches = std::make_shared<const std::vector<Stretch>>()};

  mutable std::mutex topics_mutex;  // guards the next two; taken before keys_mutex where both are
  TopicPositions young_topics;
  std::shared_ptr<const TopicPositions> building_topics;

  std::atomic<bool> any_retracted{false};
  std::atomic<std::uint64_t> posts{0};
  std::atomic<std::uint64_t> filter_bytes{0};
  std::atomic<std::uint64_t> young_mentions{0};
};

PostIndex::PostIndex(Database& database, const StoreOptions& options)
    : state_(std::make_unique<State>(database, options)) {}
PostIndex::~PostIndex() = default;

std::expected<BlockSeq, Error> PostIndex::Open() {
  auto stretches = state_->files.Load();
  if (!stretches) return std::unexpected(stretches.error());
  const std::unique_ptr<rocksdb::Iterator> retracted(
      state_->database.db().NewIterator(rocksdb::ReadOptions(), state_->database.family(Family::kMeta)));
  const std::string prefix(1, kRetractedPrefix);
  retracted->Seek(prefix);
  state_->any_retracted = retracted->Valid() && retracted->key().starts_with(prefix);

  // Only what lies within the horizon is asked again.
  std::size_t first = stretches->size();
  std::uint64_t posts = 0;
  while (first > 0 && posts < state_->options.duplicate_horizon_posts &&
         (*stretches)[first - 1].clock + state_->options.duplicate_horizon >= stretches->back().clock) {
    posts += (*stretches)[--first].posts;
  }
  state_->filters = std::make_unique<SeenFilters>(state_->options, static_cast<std::uint32_t>(first));
  for (std::size_t i = first; i < stretches->size(); ++i) {
    auto read =
        state_->files.EachKey((*stretches)[i], [this](std::span<const PostKey> keys) { state_->filters->Add(keys); });
    if (!read) return std::unexpected(read.error());
    state_->filters->EndStretch((*stretches)[i].clock);
  }
  state_->filter_bytes = state_->filters->memory_bytes();
  for (const Stretch& stretch : *stretches) state_->posts += stretch.posts;

  const BlockSeq covered = stretches->empty() ? BlockSeq{0} : stretches->back().last;
  state_->open_first = Next(covered);
  state_->open_number = static_cast<std::uint32_t>(stretches->size());
  state_->older.stretches = std::make_shared<const std::vector<Stretch>>(std::move(*stretches));
  return covered;
}

// Whether a key that the filters could not rule out really was seen within the horizon, before the open stretch.
std::expected<bool, Error> PostIndex::State::SeenBefore(const PostKey& key, SeenFilters::Mask mask, const Older& past,
                                                        std::unique_ptr<KeyLookup>& lookup) const {
  // The newest post of a key decides: an older one was retracted before the key could come again.
  for (std::size_t i = past.closed.size(); i-- > 0;) {
    if (const auto it = past.closed[i].keys->find(key); it != past.closed[i].keys->end()) {
      auto retracted = Retracted(Unpack(it->second));
      if (!retracted) return retracted;
      return !*retracted;
    }
  }
  for (std::size_t g = filters->size(); g-- > 0;) {
    if ((mask >> g & 1) == 0) continue;
    const SeenFilters::Generation& generation = filters->generation(g);
    const auto end = std::min<std::size_t>(generation.first_stretch + generation.stretches, past.stretches->size());
    for (std::size_t number = end; number-- > generation.first_stretch;) {
      if (!filters->MayHold(g, static_cast<std::uint32_t>(number), key)) continue;
      if (!lookup) lookup = std::make_unique<KeyLookup>(database);
      const auto position = lookup->Find((*past.stretches)[number], key);
      if (!position) return std::unexpected(position.error());
      if (!*position) continue;
      auto retracted = Retracted(**position);
      if (!retracted) return retracted;
      return !*retracted;
    }
  }
  return false;
}

// Takes fresh[i] from the keys that were seen before, the open stretch aside.
std::expected<void, Error> PostIndex::State::ClearSuspects(std::span<const PostKey> keys, std::span<bool> fresh) {
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
      if (open->contains(keys[i])) fresh[i] = false;
      return !fresh[i];
    });
  }
  std::unique_ptr<KeyLookup> lookup;
  for (const std::size_t i : suspects) {
    const auto seen = SeenBefore(keys[i], masks[i], past, lookup);
    if (!seen) return std::unexpected(seen.error());
    fresh[i] = !*seen;
  }
  return {};
}

std::expected<void, Error> PostIndex::Admit(std::span<const PostKey> keys, BlockSeq block, std::span<bool> fresh) {
  assert(keys.size() == fresh.size());
  state_->masks.resize(keys.size());
  state_->filters->Probe(keys, state_->masks);
  std::fill(fresh.begin(), fresh.end(), true);
  if (auto cleared = state_->ClearSuspects(keys, fresh); !cleared) return cleared;

  constexpr std::size_t kAhead = 8;
  std::uint32_t admitted = 0;
  {
    const std::lock_guard lock(state_->keys_mutex);
    YoungKeys& open = *state_->open;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (i + kAhead < keys.size()) open.prefetch(keys[i + kAhead]);
      if (!fresh[i]) continue;
      fresh[i] = open.try_emplace(keys[i], Pack({.block = block, .index = admitted})).second;
      if (!fresh[i]) continue;
      ++admitted;
      state_->filters->Add(keys.subspan(i, 1));
    }
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
    state_->open->insert_or_assign(key, Pack(position));
  }
  state_->filters->Add(std::span(&key, 1));
  ++state_->open_posts;
  ++state_->posts;
  return {};
}

void PostIndex::EndBlock(BlockSeq block, Timestamp clock) {
  const std::uint64_t blocks = static_cast<std::uint64_t>(Next(block)) - static_cast<std::uint64_t>(state_->open_first);
  if (state_->open_posts < state_->options.stretch_posts && blocks < kStretchBlocksMax) return;
  state_->filters->EndStretch(clock);
  state_->filter_bytes = state_->filters->memory_bytes();
  {
    const std::lock_guard lock(state_->keys_mutex);
    state_->older.closed.push_back({.stretch = {.number = state_->open_number,
                                                .first = state_->open_first,
                                                .last = block,
                                                .posts = static_cast<std::uint32_t>(state_->open->size()),
                                                .clock = clock},
                                    .keys = state_->open});
    // The next stretch will be as large: no rehashing on the way there.
    const std::size_t expected = state_->open->size();
    state_->open = std::make_shared<YoungKeys>();
    state_->open->reserve(expected);
  }
  state_->open_first = Next(block);
  state_->open_posts = 0;
  ++state_->open_number;
}

void PostIndex::Forget(const PostKey& key, Position position) {
  state_->any_retracted.store(true, std::memory_order_release);
  const std::lock_guard lock(state_->keys_mutex);
  const auto it = state_->open->find(key);
  if (it != state_->open->end() && it->second == Pack(position)) state_->open->erase(it);
}

void PostIndex::AddTopics(const Post& post, Position position) {
  if (post.mentions.empty()) return;
  const std::lock_guard lock(state_->topics_mutex);
  for (const Mention& mention : post.mentions) {
    auto it = state_->young_topics.find(mention.topic);
    if (it == state_->young_topics.end()) it = state_->young_topics.try_emplace(mention.topic).first;
    it->second.push_back(Pack(position));
  }
  state_->young_mentions += post.mentions.size();
}

std::expected<void, Error> PostIndex::BuildClosed(BlockSeq block) {
  for (;;) {
    ClosedStretch closed;
    {
      const std::lock_guard lock(state_->keys_mutex);
      if (state_->older.closed.empty() || state_->older.closed.front().stretch.last > block) return {};
      closed = state_->older.closed.front();
    }
    if (auto built = state_->Build(closed); !built) return built;
  }
}

std::expected<void, Error> PostIndex::State::Build(const ClosedStretch& closed) {
  std::shared_ptr<const TopicPositions> topics;
  {
    const std::lock_guard lock(topics_mutex);
    // A build that failed before is taken up again with the same topics.
    if (!building_topics) building_topics = std::make_shared<const TopicPositions>(std::exchange(young_topics, {}));
    topics = building_topics;
  }
  std::vector<KeyEntry> entries;
  entries.reserve(closed.keys->size());
  const PackedPosition origin = Pack({.block = closed.stretch.first, .index = 0});
  for (const auto& [key, packed] : *closed.keys)
    entries.push_back({.key = ShortKey::Of(key), .offset = packed - origin});
  if (auto written = files.Write(closed.stretch, entries, *topics); !written) return written;

  // From here on the files answer; memory lets go in the same moment for every reader.
  const std::lock_guard topics_lock(topics_mutex);
  const std::lock_guard keys_lock(keys_mutex);
  auto stretches = std::make_shared<std::vector<Stretch>>(*older.stretches);
  stretches->push_back(closed.stretch);
  older.stretches = std::move(stretches);
  older.closed.pop_front();
  building_topics.reset();
  young_mentions = 0;
  return {};
}

std::expected<std::optional<Position>, Error> PostIndex::Find(const PostKey& key) const {
  State::Older past;
  {
    const std::lock_guard lock(state_->keys_mutex);
    if (const auto it = state_->open->find(key); it != state_->open->end()) return Unpack(it->second);
    past = state_->older;
  }
  std::optional<Position> found;
  for (std::size_t i = past.closed.size(); i-- > 0 && !found;) {
    if (const auto it = past.closed[i].keys->find(key); it != past.closed[i].keys->end()) found = Unpack(it->second);
  }
  if (!found && !past.stretches->empty()) {
    KeyLookup lookup(state_->database);
    for (std::size_t number = past.stretches->size(); number-- > 0 && !found;) {
      const auto position = lookup.Find((*past.stretches)[number], key);
      if (!position) return std::unexpected(position.error());
      found = *position;
    }
  }
  if (!found) return std::nullopt;
  const auto retracted = state_->Retracted(*found);
  if (!retracted) return std::unexpected(retracted.error());
  if (*retracted) return std::nullopt;
  return found;
}

std::expected<std::vector<Position>, Error> PostIndex::PostsOf(std::string_view topic, Position before,
                                                               std::size_t limit) const {
  std::vector<Position> out;
  std::shared_ptr<const std::vector<Stretch>> stretches;
  const auto take = [&](const TopicPositions& topics) {
    const auto it = topics.find(topic);
    if (it == topics.end()) return;
    const std::vector<PackedPosition>& positions = it->second;
    auto end = std::ranges::lower_bound(positions, Pack(before));
    while (end != positions.begin() && out.size() < limit) out.push_back(Unpack(*--end));
  };
  {
    const std::lock_guard topics_lock(state_->topics_mutex);
    take(state_->young_topics);
    if (state_->building_topics) take(*state_->building_topics);
    const std::lock_guard keys_lock(state_->keys_mutex);
    stretches = state_->older.stretches;
  }
  if (auto read = state_->files.PostsOf(topic, *stretches, before, limit, out); !read) {
    return std::unexpected(read.error());
  }
  return out;
}

std::expected<bool, Error> PostIndex::Retracted(Position position) const {
  return state_->Retracted(position);
}

std::uint64_t PostIndex::size() const {
  return state_->posts;
}

std::uint64_t PostIndex::memory_bytes() const {
  std::uint64_t bytes = state_->filter_bytes + state_->young_mentions * sizeof(PackedPosition);
  const std::lock_guard lock(state_->keys_mutex);
  constexpr std::uint64_t kSlotBytes = sizeof(YoungKeys::value_type) + 1;
  bytes += state_->open->capacity() * kSlotBytes;
  for (const ClosedStretch& closed : state_->older.closed) bytes += closed.keys->capacity() * kSlotBytes;
  return bytes;
}

}  // namespace tagswell
