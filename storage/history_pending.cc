#include "storage/history_pending.h"

#include <algorithm>

#include "storage/text_map.h"

namespace tagswell {

void HistoryPending::Add(const Mention& mention, Minute minute, std::uint32_t combo, std::uint64_t author_code,
                         std::int32_t posts) {
  const std::uint64_t hash = TextHash()(mention.topic);
  auto number = numbers_.Find(hash, [&](std::uint32_t of) { return topics_[of].name == mention.topic; });
  if (!number) {
    number = static_cast<std::uint32_t>(topics_.size());
    topics_.push_back({.name = std::string(mention.topic), .spellings = {}});
    numbers_.Insert(hash, *number);
  }
  const auto minutes = static_cast<std::uint32_t>(minute);
  rows_.push_back({CellKey::Of(minutes % 60, combo, author_code), minutes / 60, *number, posts});
  if (!mention.by_phrase) topics_[*number].spellings.Add(mention.spelling, posts);
}

void HistoryPending::PrefetchName(std::string_view topic) const { numbers_.Prefetch(TextHash()(topic)); }

void HistoryPending::PrefetchTopic(std::string_view topic) const {
  const auto number = numbers_.Find(TextHash()(topic), [](std::uint32_t) { return true; });
  if (number) __builtin_prefetch(&topics_[*number]);
}

std::vector<std::uint32_t> HistoryPending::Sorted() const {
  std::vector<std::uint32_t> begins(topics_.size() + 1, 0);
  for (const Row& row : rows_) ++begins[row.topic + 1];
  for (std::size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
  std::vector<std::uint32_t> order(rows_.size());
  std::vector<std::uint32_t> next(begins.begin(), begins.end() - 1);
  for (std::uint32_t i = 0; i < rows_.size(); ++i) order[next[rows_[i].topic]++] = i;
  const auto by_hour = [this](std::uint32_t a, std::uint32_t b) { return rows_[a].hour < rows_[b].hour; };
  for (std::size_t topic = 0; topic < topics_.size(); ++topic) {
    const auto begin = order.begin() + begins[topic];
    const auto end = order.begin() + begins[topic + 1];
    // Live posts are of one hour, or two.
    if (!std::is_sorted(begin, end, by_hour)) std::sort(begin, end, by_hour);
  }
  return order;
}

const Spellings* HistoryPending::FindSpellings(std::string_view topic) const {
  const auto number = numbers_.Find(TextHash()(topic), [&](std::uint32_t of) { return topics_[of].name == topic; });
  return number ? &topics_[*number].spellings : nullptr;
}

}  // namespace tagswell
