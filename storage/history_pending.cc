#include "storage/history_pending.h"

#include <algorithm>
#include <array>

namespace tagswell {

void HistoryPending::Add(const Mention& mention, Minute minute, std::uint32_t combo, std::uint64_t author_code,
                         std::int32_t posts) {
  const std::uint32_t topic = topics_.NumberOf(mention.topic);
  if (topic == spellings_.size()) spellings_.emplace_back();
  const auto minutes = static_cast<std::uint32_t>(minute);
  rows_.push_back({CellKey::Of(minutes % 60, combo, author_code), minutes / 60, topic, posts});
  if (!mention.by_phrase) spellings_[topic].Add(mention.spelling, posts);
}

void HistoryPending::Prefetch(std::span<const Record> records) const {
  std::array<const Spellings*, 64> known;
  std::size_t size = 0;
  topics_.Prefetch(records, [&](std::uint32_t topic) {
    __builtin_prefetch(&spellings_[topic]);
    if (size < known.size()) known[size++] = &spellings_[topic];
  });
  for (const Spellings* spellings : std::span(known).first(size)) spellings->Prefetch();
}

std::vector<std::uint32_t> HistoryPending::Sorted(std::uint32_t first_hour, std::uint32_t last_hour) const {
  std::vector<std::uint32_t> order;
  order.reserve(rows_.size());
  for (std::uint32_t place = 0; place < rows_.size(); ++place) {
    if (rows_[place].hour >= first_hour && rows_[place].hour <= last_hour) order.push_back(place);
  }
  order = GroupByTopic(order, topics_.size(), [this](std::uint32_t place) { return rows_[place].topic; });
  const auto by_hour = [this](std::uint32_t a, std::uint32_t b) { return rows_[a].hour < rows_[b].hour; };
  for (auto begin = order.begin(); begin != order.end();) {
    const auto end =
        std::find_if(begin, order.end(), [&](std::uint32_t at) { return rows_[at].topic != rows_[*begin].topic; });
    // Live posts are of one hour, or two.
    if (!std::is_sorted(begin, end, by_hour)) std::sort(begin, end, by_hour);
    begin = end;
  }
  return order;
}

const Spellings* HistoryPending::FindSpellings(std::string_view topic) const {
  const auto number = topics_.Find(topic);
  return number ? &spellings_[*number] : nullptr;
}

std::optional<std::uint32_t> HistoryPending::FirstHour() const {
  if (rows_.empty()) return std::nullopt;
  std::uint32_t first = rows_[0].hour;
  rows_.ForEachSegment(
      [&](std::span<const Row> rows) { first = std::min(first, std::ranges::min(rows, {}, &Row::hour).hour); });
  return first;
}

}  // namespace tagswell
