#include "storage/post_index.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/log_start.h"
#include "storage/meta_keys.h"
#include "storage/post_index_state.h"

namespace tagswell {
namespace {

// Each entry moves past few others. O(n) where a general sort would take O(n log n).
void SortNearlySorted(std::vector<KeyEntry>& entries) {
  for (std::size_t i = 1; i < entries.size(); ++i) {
    const KeyEntry entry = entries[i];
    std::size_t at = i;
    for (; at > 0 && entry.key < entries[at - 1].key; --at) entries[at] = entries[at - 1];
    entries[at] = entry;
  }
}

}  // namespace

PostIndex::PostIndex(Database& database, const StoreOptions& options)
    : state_(std::make_unique<State>(database, options)) {}
PostIndex::~PostIndex() = default;

std::expected<bool, Error> PostIndex::State::Retracted(Position position, BlockSeq as_of) const {
  if (!any_retracted.load(std::memory_order_acquire)) return false;
  auto row = database.Get(Family::kMeta, PositionKey(kRetractedPrefix, position));
  if (!row) return std::unexpected(row.error());
  if (!*row) return false;
  return (*row)->size() != sizeof(BlockSeq) || BlockSeq{LoadBig<std::uint64_t>(**row)} <= as_of;
}

std::expected<BlockSeq, Error> PostIndex::Open() {
  const auto start = LogStart::Load(state_->database);
  if (!start) return std::unexpected(start.error());
  state_->database.dropped().stretch = start->stretch;
  auto stretches = state_->files.Load(start->stretch);
  if (!stretches) return std::unexpected(stretches.error());
  const std::unique_ptr<rocksdb::Iterator> retracted(
      state_->database.db().NewIterator(rocksdb::ReadOptions(), state_->database.family(Family::kMeta)));
  const std::string prefix(1, kRetractedPrefix);
  retracted->Seek(prefix);
  state_->any_retracted = retracted->Valid() && retracted->key().starts_with(prefix);

  for (const Stretch& stretch : *stretches) state_->posts += stretch.posts;

  const BlockSeq covered =
      stretches->empty() ? BlockSeq{static_cast<std::uint64_t>(start->block) - 1} : stretches->back().last;
  state_->open_first = Next(covered);
  state_->open_number = start->stretch + static_cast<std::uint32_t>(stretches->size());
  state_->older.stretches = std::make_shared<const std::vector<Stretch>>(std::move(*stretches));
  return covered;
}

std::expected<void, Error> PostIndex::LoadFilters() {
  const std::vector<Stretch>& stretches = *state_->older.stretches;
  // Only what lies within the horizon is asked again.
  std::size_t first = stretches.size();
  std::uint64_t posts = 0;
  while (first > 0 && posts < state_->options.duplicate_horizon_posts &&
         stretches[first - 1].clock + state_->options.duplicate_horizon >= stretches.back().clock) {
    posts += stretches[--first].posts;
  }
  const std::uint32_t first_number = first == stretches.size() ? state_->open_number : stretches[first].number;
  state_->filters = std::make_unique<SeenFilters>(state_->options, first_number);
  for (std::size_t i = first; i < stretches.size(); ++i) {
    auto read =
        state_->files.EachKey(stretches[i], [this](std::span<const PostKey> keys) { state_->filters->Add(keys); });
    if (!read) return read;
    state_->filters->EndStretch(stretches[i].clock);
  }
  state_->filter_bytes = state_->filters->memory_bytes();
  return {};
}

void PostIndex::AddTopics(std::span<const Record> records, BlockSeq block, std::span<const std::uint32_t> indices) {
  const std::lock_guard lock(state_->topics_mutex);
  state_->young_topics.Prefetch(records);
  for (std::size_t i = 0; i < records.size(); ++i) {
    // What was taken back is not listed again.
    if (records[i].kind != RecordKind::kPost) continue;
    for (const Mention& mention : records[i].post.mentions) {
      state_->young_topics.Add(mention.topic, Pack({.block = block, .index = indices[i]}));
    }
    state_->young_mentions += records[i].post.mentions.size();
  }
}

std::expected<void, Error> PostIndex::AddPast(std::string_view topic, std::span<const Position> posts) {
  std::shared_ptr<const std::vector<Stretch>> stretches;
  {
    const std::lock_guard lock(state_->keys_mutex);
    stretches = state_->older.stretches;
  }
  std::vector<PackedPosition> packed;
  packed.reserve(posts.size());
  for (const Position post : posts) packed.push_back(Pack(post));
  const PackedPosition young = stretches->empty() ? 0 : Pack({.block = Next(stretches->back().last), .index = 0});
  const auto first_young = std::ranges::lower_bound(packed, young);
  if (auto written = state_->files.AddPast(topic, *stretches, {packed.begin(), first_young}); !written) return written;
  const std::lock_guard lock(state_->topics_mutex);
  state_->young_topics.AddPast(topic, {first_young, packed.end()});
  state_->young_mentions += static_cast<std::uint64_t>(packed.end() - first_young);
  return {};
}

std::expected<void, Error> PostIndex::BuildClosed(BlockSeq block) {
  state_->MakeSpareFilter();
  for (;;) {
    ClosedStretch closed;
    {
      const std::lock_guard lock(state_->keys_mutex);
      if (state_->older.closed.empty() || state_->older.closed.front().stretch.last > block) return {};
      closed = state_->older.closed.front();
    }
    if (auto built = state_->Build(closed); !built) return built;
    auto next = std::make_shared<YoungKeys>(closed.keys->size());
    const std::lock_guard lock(state_->spares_mutex);
    state_->spares.keys = std::move(next);
  }
}

void PostIndex::State::MakeSpareFilter() {
  std::uint64_t keys = 0;
  {
    const std::lock_guard lock(spares_mutex);
    if (!spares.filter) keys = spares.filter_keys_wanted;
  }
  if (keys == 0) return;
  BlockedBloom filter(keys);
  const std::lock_guard lock(spares_mutex);
  spares.filter = std::move(filter);
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
  closed.keys->Each([&](const PostKey& key, PackedPosition packed) {
    entries.push_back({.key = ShortKey::Of(key), .offset = packed - origin});
  });
  SortNearlySorted(entries);
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
    if (const auto position = state_->open->Find(key)) return Unpack(*position);
    past = state_->older;
  }
  std::optional<Position> found;
  for (std::size_t i = past.closed.size(); i-- > 0 && !found;) {
    if (const auto position = past.closed[i].keys->Find(key)) found = Unpack(*position);
  }
  if (!found && !past.stretches->empty()) {
    KeyLookup lookup(state_->database);
    for (std::size_t i = past.stretches->size(); i-- > 0 && !found;) {
      const auto position = lookup.Find((*past.stretches)[i], key);
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
    if (out.size() >= limit) return;
    topics.ForEachBefore(topic, Pack(before), [&](PackedPosition position) {
      out.push_back(Unpack(position));
      return out.size() < limit;
    });
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

std::expected<std::vector<Position>, Error> PostIndex::FirstPostsOf(std::string_view topic, std::size_t limit) const {
  std::vector<Position> young;  // newest first
  std::shared_ptr<const std::vector<Stretch>> stretches;
  const auto take = [&](const TopicPositions& topics) {
    topics.ForEachBefore(topic, std::numeric_limits<PackedPosition>::max(), [&](PackedPosition position) {
      young.push_back(Unpack(position));
      return true;
    });
  };
  {
    const std::lock_guard topics_lock(state_->topics_mutex);
    take(state_->young_topics);
    if (state_->building_topics) take(*state_->building_topics);
    const std::lock_guard keys_lock(state_->keys_mutex);
    stretches = state_->older.stretches;
  }
  std::vector<Position> out;
  if (auto read = state_->files.FirstPostsOf(topic, *stretches, limit, out); !read) {
    return std::unexpected(read.error());
  }
  for (auto at = young.rbegin(); at != young.rend() && out.size() < limit; ++at) out.push_back(*at);
  return out;
}

std::expected<bool, Error> PostIndex::Retracted(Position position, BlockSeq as_of) const {
  return state_->Retracted(position, as_of);
}

RecentRetractions& PostIndex::retractions() {
  return state_->retractions;
}

std::shared_ptr<const std::vector<Stretch>> PostIndex::Stretches() const {
  const std::lock_guard lock(state_->keys_mutex);
  return state_->older.stretches;
}

void PostIndex::Forget(std::uint32_t first) {
  const std::lock_guard lock(state_->keys_mutex);
  auto kept = std::make_shared<std::vector<Stretch>>();
  for (const Stretch& stretch : *state_->older.stretches) {
    if (stretch.number >= first) {
      kept->push_back(stretch);
    } else {
      state_->posts -= stretch.posts;
    }
  }
  state_->older.stretches = std::move(kept);
  state_->database.dropped().stretch = first;
}

std::uint64_t PostIndex::size() const {
  return state_->posts;
}

std::uint64_t PostIndex::memory_bytes() const {
  std::uint64_t bytes = state_->filter_bytes + state_->young_mentions * sizeof(PackedPosition);
  const std::lock_guard lock(state_->keys_mutex);
  bytes += state_->open->memory_bytes();
  for (const ClosedStretch& closed : state_->older.closed) bytes += closed.keys->memory_bytes();
  return bytes;
}

}  // namespace tagswell
