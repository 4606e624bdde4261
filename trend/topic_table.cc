#include "trend/topic_table.h"

#include <algorithm>

namespace tagswell {

std::uint64_t TopicTable::HashOf(std::string_view name) const {
  return AuthorHash(name, salt_);
}

std::optional<TopicId> TopicTable::Find(std::string_view name, std::uint64_t hash) const {
  const auto found = names_.Find(hash, [&](std::uint32_t id) { return (*this)[TopicId{id}].name == name; });
  if (!found) return std::nullopt;
  return TopicId{*found};
}

std::optional<TopicId> TopicTable::FirstUnder(std::uint64_t hash) const {
  const auto found = names_.Find(hash, [](std::uint32_t) { return true; });
  if (!found) return std::nullopt;
  return TopicId{*found};
}

void TopicTable::PrefetchTopic(TopicId id) const {
  const Topic& topic = (*this)[id];
  __builtin_prefetch(&topic);
  __builtin_prefetch(reinterpret_cast<const char*>(&topic) + 64);
  __builtin_prefetch(&SummaryOf(id));
}

TopicId TopicTable::Intern(std::string_view name, std::uint64_t hash) {
  if (const auto found = Find(name, hash)) return *found;
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
  names_.Insert(hash, static_cast<std::uint32_t>(id));
  ++live_;
  return id;
}

void TopicTable::Erase(TopicId id) {
  names_.Erase(HashOf((*this)[id].name), static_cast<std::uint32_t>(id));
  (*this)[id] = Topic{};
  SummaryOf(id) = Summary{};
  free_.push_back(id);
  --live_;
}

std::size_t TopicTable::memory_bytes() const {
  return names_.memory_bytes() + chunks_.size() * kChunk * (sizeof(Topic) + sizeof(Summary));
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
    in.Get(SummaryOf(id));
    names_.Insert(HashOf(topic.name), static_cast<std::uint32_t>(id));
    ++live_;
  }
  for (std::size_t i = limit_; i > 0; --i) {
    const TopicId id{static_cast<std::uint32_t>(i - 1)};
    if ((*this)[id].name.empty()) free_.push_back(id);
  }
}

}  // namespace tagswell
