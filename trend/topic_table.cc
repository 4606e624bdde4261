#include "trend/topic_table.h"

#include <algorithm>

namespace tagswell {

std::uint8_t SpellingCounts::Add(std::string_view spelling) {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i].spelling != spelling) continue;
    ++counts_[i].used;
    return static_cast<std::uint8_t>(i);
  }
  if (counts_.size() == kSpellingsMax) return kSpellingsMax;
  counts_.reserve(counts_.size() + 1);
  counts_.push_back({.spelling = std::string(spelling), .used = 1});
  return static_cast<std::uint8_t>(counts_.size() - 1);
}

void SpellingCounts::Close(std::uint8_t spelling) {
  if (spelling < counts_.size()) ++counts_[spelling].closed;
}

void SpellingCounts::Remove(std::string_view spelling, bool closed) {
  for (Count& count : counts_) {
    if (count.spelling != spelling) continue;
    if (count.used > 0) --count.used;
    if (closed && count.closed > 0) --count.closed;
  }
}

std::string_view SpellingCounts::BestBy(std::uint32_t Count::* by) const {
  const Count* best = nullptr;
  for (const Count& count : counts_) {
    if (count.*by == 0) continue;
    if (best == nullptr || count.*by > best->*by || (count.*by == best->*by && count.spelling < best->spelling)) best = &count;
  }
  return best == nullptr ? std::string_view() : std::string_view(best->spelling);
}

std::size_t SpellingCounts::memory_bytes() const { return counts_.capacity() * sizeof counts_[0]; }

void SpellingCounts::Save(StateWriter& out) const {
  out.Put(static_cast<std::uint32_t>(counts_.size()));
  for (const Count& count : counts_) {
    out.Put(count.spelling);
    out.Put(count.used);
    out.Put(count.closed);
  }
}

void SpellingCounts::Load(StateReader& in) {
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    Count& count = counts_.emplace_back();
    in.Get(count.spelling);
    in.Get(count.used);
    in.Get(count.closed);
  }
}

TopicTable::TopicTable() {
  shards_.reserve(kShards);
  for (std::size_t i = 0; i < kShards; ++i) shards_.emplace_back(0, Hash{this}, Equal{this});
}

TopicTable::Shard& TopicTable::ShardOf(std::string_view name) {
  // The top bits: the set itself uses the low ones.
  return shards_[absl::Hash<std::string_view>{}(name) >> 56];
}

const TopicTable::Shard& TopicTable::ShardOf(std::string_view name) const {
  return shards_[absl::Hash<std::string_view>{}(name) >> 56];
}

std::optional<TopicId> TopicTable::Find(std::string_view name) const {
  const Shard& shard = ShardOf(name);
  const auto it = shard.find(name);
  if (it == shard.end()) return std::nullopt;
  return *it;
}

TopicId TopicTable::Intern(std::string_view name) {
  Shard& shard = ShardOf(name);
  if (const auto it = shard.find(name); it != shard.end()) return *it;
  TopicId id{static_cast<std::uint32_t>(limit_)};
  if (!free_.empty()) {
    id = free_.back();
    free_.pop_back();
  } else {
    if (limit_ % kChunk == 0) {
      chunks_.push_back(std::make_unique<std::array<Topic, kChunk>>());
      summaries_.push_back(std::make_unique<std::array<Summary, kChunk>>());
    }
    ++limit_;
  }
  (*this)[id].name = name;
  shard.insert(id);
  ++live_;
  return id;
}

void TopicTable::Erase(TopicId id) {
  ShardOf((*this)[id].name).erase(id);
  (*this)[id] = Topic{};
  SummaryOf(id) = Summary{};
  free_.push_back(id);
  --live_;
}

std::size_t TopicTable::memory_bytes() const {
  std::size_t bytes = chunks_.size() * kChunk * (sizeof(Topic) + sizeof(Summary));
  for (const Shard& shard : shards_) bytes += shard.capacity() * (sizeof(TopicId) + 1);
  return bytes;
}

void TopicTable::Save(StateWriter& out) const {
  out.Put(static_cast<std::uint64_t>(live_));
  out.Put(static_cast<std::uint64_t>(limit_));
  for (std::size_t i = 0; i < limit_; ++i) {
    const TopicId id{static_cast<std::uint32_t>(i)};
    const Topic& topic = (*this)[id];
    if (topic.name.empty()) continue;
    out.Put(id);
    out.Put(topic.name);
    topic.spellings.Save(out);
    topic.cell.Save(out);
    out.Put(topic.first);
    out.Put(topic.last);
    out.Put(SummaryOf(id));
  }
}

void TopicTable::Load(StateReader& in) {
  auto left = in.Get<std::uint64_t>();
  limit_ = static_cast<std::size_t>(in.Get<std::uint64_t>());
  for (std::size_t i = 0; i < limit_ && in.ok(); i += kChunk) {
    chunks_.push_back(std::make_unique<std::array<Topic, kChunk>>());
    summaries_.push_back(std::make_unique<std::array<Summary, kChunk>>());
  }
  for (; left > 0 && in.ok(); --left) {
    const auto id = in.Get<TopicId>();
    if (Index(id) >= limit_) return;
    Topic& topic = (*this)[id];
    in.Get(topic.name);
    topic.spellings.Load(in);
    topic.cell.Load(in);
    in.Get(topic.first);
    in.Get(topic.last);
    in.Get(SummaryOf(id));
    ShardOf(topic.name).insert(id);
    ++live_;
  }
  for (std::size_t i = limit_; i > 0; --i) {
    const TopicId id{static_cast<std::uint32_t>(i - 1)};
    if ((*this)[id].name.empty()) free_.push_back(id);
  }
}

}  // namespace tagswell
