// What the history has folded and not yet written: rows in the order they came, 24 bytes each, and spellings by topic.
// They are sorted when they are asked for, which is once for the writer and seldom for readers.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "proto/post_codec.h"
#include "proto/segmented_vector.h"
#include "storage/history_cell.h"
#include "storage/log_block.h"
#include "storage/spellings.h"
#include "storage/topic_numbers.h"

namespace tagswell {

class HistoryPending {
 public:
  // One mention: `posts` is 1, or -1 for a retraction.
  void Add(const Mention& mention, Minute minute, std::uint32_t combo, std::uint64_t author_code, std::int32_t posts);

  void Prefetch(std::span<const Record> records) const;

  std::size_t rows() const { return rows_.size(); }
  std::size_t topics() const { return topics_.size(); }

  // Calls visit(hour, topic's name, rows) for each topic and hour from `first_hour` through `last_hour`.
  // O(rows), a nanosecond or two each for those of other hours.
  template <class Visit>
  void ForEachCell(std::uint32_t first_hour, std::uint32_t last_hour, Visit visit) const;

  // Calls visit(hour, topic's name, row) for each row of these topics. O(rows), a nanosecond or two each.
  template <class Visit>
  void ForEachRowOf(std::span<const std::string_view> topics, Visit visit) const;

  // Calls visit(topic's name, posts) for each topic with the sum over its rows of [from, to) whose combo is in scope.
  // O(rows), a nanosecond or two each.
  template <class Visit>
  void ForEachSum(Minute from, Minute to, const std::vector<bool>& in_scope, Visit visit) const;

  // The earliest hour that has a row. O(rows).
  std::optional<std::uint32_t> FirstHour() const;

  const Spellings* FindSpellings(std::string_view topic) const;  // null when there are none

  // Calls visit(topic's name, spellings) for each topic.
  template <class Visit>
  void ForEachSpellings(Visit visit) const {
    for (std::uint32_t topic = 0; topic < topics_.size(); ++topic)
      visit(std::string_view(topics_.name(topic)), spellings_[topic]);
  }

 private:
  struct Row {
    CellKey key;
    std::uint32_t hour;
    std::uint32_t topic;
    std::int32_t posts;
  };
  // The places of the rows of these hours, by topic, and by hour within one.
  std::vector<std::uint32_t> Sorted(std::uint32_t first_hour, std::uint32_t last_hour) const;

  TopicNumbers topics_;
  std::vector<Spellings> spellings_;  // by topic
  SegmentedVector<Row, 4096> rows_;
};

template <class Visit>
void HistoryPending::ForEachCell(std::uint32_t first_hour, std::uint32_t last_hour, Visit visit) const {
  const std::vector<std::uint32_t> order = Sorted(first_hour, last_hour);
  std::vector<CellRow> cell;
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    const Row& first = rows_[order[begin]];
    cell.clear();
    for (; end < order.size() && rows_[order[end]].topic == first.topic && rows_[order[end]].hour == first.hour;
         ++end) {
      cell.push_back({rows_[order[end]].key, rows_[order[end]].posts});
    }
    visit(first.hour, std::string_view(topics_.name(first.topic)), std::span<const CellRow>(cell));
  }
}

template <class Visit>
void HistoryPending::ForEachRowOf(std::span<const std::string_view> topics, Visit visit) const {
  std::vector<bool> asked(topics_.size());
  bool any = false;
  for (const std::string_view topic : topics) {
    const auto number = topics_.Find(topic);
    if (number) asked[*number] = any = true;
  }
  if (!any) return;
  rows_.ForEachSegment([&](std::span<const Row> rows) {
    for (const Row& row : rows) {
      if (asked[row.topic]) visit(row.hour, std::string_view(topics_.name(row.topic)), CellRow{row.key, row.posts});
    }
  });
}

template <class Visit>
void HistoryPending::ForEachSum(Minute from, Minute to, const std::vector<bool>& in_scope, Visit visit) const {
  std::vector<std::int64_t> sums(topics_.size());
  rows_.ForEachSegment([&](std::span<const Row> rows) {
    for (const Row& row : rows) {
      const auto minute = static_cast<std::int64_t>(row.hour) * 60 + row.key.minute();
      if (minute < static_cast<int>(from) || minute >= static_cast<int>(to)) continue;
      if (row.key.combo() < in_scope.size() && in_scope[row.key.combo()]) sums[row.topic] += row.posts;
    }
  });
  for (std::uint32_t topic = 0; topic < sums.size(); ++topic) {
    if (sums[topic] != 0) visit(std::string_view(topics_.name(topic)), sums[topic]);
  }
}

}  // namespace tagswell
