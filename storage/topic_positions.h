// Where the posts of each topic stand, in memory until they are written: 16 bytes a mention, in the order they came.
// Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <ranges>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/segmented_vector.h"
#include "storage/key_page.h"
#include "storage/topic_numbers.h"

namespace tagswell {

class TopicPositions {
 public:
  // Positions must ascend.
  void Add(std::string_view topic, PackedPosition position) { rows_.push_back({position, topics_.NumberOf(topic)}); }
  // Positions of the past. O(mentions * log mentions).
  void AddPast(std::string_view topic, std::span<const PackedPosition> positions);
  void Prefetch(std::span<const Record> records) const {
    topics_.Prefetch(records, [](std::uint32_t) {});
  }

  bool empty() const { return rows_.empty(); }

  // The positions of `topic` below `before`, newest first, until visit(position) says no. O(mentions), a nanosecond
  // each.
  template <class Visit>
  void ForEachBefore(std::string_view topic, PackedPosition before, Visit visit) const;

  // Calls visit(topic, ascending positions) for each topic, in the order of their names' bytes.
  template <class Visit>
  void ForEachTopic(Visit visit) const;

 private:
  struct Row {
    PackedPosition position;
    std::uint32_t topic;
  };
  TopicNumbers topics_;
  SegmentedVector<Row, 4096> rows_;
};

inline void TopicPositions::AddPast(std::string_view topic, std::span<const PackedPosition> positions) {
  const std::uint32_t number = topics_.NumberOf(topic);
  std::vector<Row> rows;
  rows_.ForEachSegment([&](std::span<const Row> some) { rows.insert(rows.end(), some.begin(), some.end()); });
  for (const PackedPosition position : positions) rows.push_back({position, number});
  std::ranges::sort(rows, {}, &Row::position);
  rows_ = {};
  for (const Row& row : rows) rows_.push_back(row);
}

template <class Visit>
void TopicPositions::ForEachBefore(std::string_view topic, PackedPosition before, Visit visit) const {
  const auto number = topics_.Find(topic);
  if (!number) return;
  const auto places = std::views::iota(std::size_t{0}, rows_.size());
  auto at = *std::ranges::partition_point(places, [&](std::size_t place) { return rows_[place].position < before; });
  while (at-- > 0) {
    if (rows_[at].topic == *number && !visit(rows_[at].position)) return;
  }
}

template <class Visit>
void TopicPositions::ForEachTopic(Visit visit) const {
  std::vector<std::uint32_t> order(rows_.size());
  std::iota(order.begin(), order.end(), 0U);
  order = GroupByTopic(order, topics_.size(), [this](std::uint32_t place) { return rows_[place].topic; });
  // By number; where each topic begins in `order`.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> topics;
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    if (i == 0 || rows_[order[i]].topic != rows_[order[i - 1]].topic) topics.emplace_back(rows_[order[i]].topic, i);
  }
  std::sort(topics.begin(), topics.end(),
            [this](const auto& a, const auto& b) { return topics_.name(a.first) < topics_.name(b.first); });
  std::vector<PackedPosition> positions;
  for (const auto& [topic, begin] : topics) {
    positions.clear();
    for (std::size_t i = begin; i < order.size() && rows_[order[i]].topic == topic; ++i)
      positions.push_back(rows_[order[i]].position);
    visit(std::string_view(topics_.name(topic)), positions);
  }
}

}  // namespace tagswell
