#include <rocksdb/iterator.h>

#include <algorithm>
#include <map>
#include <utility>

#include "proto/alias_groups.h"
#include "storage/author_tally.h"
#include "storage/history.h"
#include "storage/history_cell.h"
#include "storage/history_state.h"
#include "storage/spellings.h"

namespace tagswell {
namespace {

constexpr std::size_t kStepsMax = 100'000;
constexpr std::uint32_t kStepHoursMax = 24 * 366 * 10;

std::string_view AsView(rocksdb::Slice slice) {
  return {slice.data(), slice.size()};
}

// The part of hour `hour` that lies in [from, to), as minutes of the hour.
std::pair<std::uint32_t, std::uint32_t> MinutesIn(std::uint32_t hour, Minute from, Minute to) {
  const int start = static_cast<int>(hour) * 60;
  return {static_cast<std::uint32_t>(std::clamp(static_cast<int>(from) - start, 0, 60)),
          static_cast<std::uint32_t>(std::clamp(static_cast<int>(to) - start, 0, 60))};
}

}  // namespace

std::expected<std::vector<TopRow>, Error> History::Top(std::string_view scope, Minute from, Minute to, TopBy by,
                                                       std::size_t limit, const TopFilter& filter) const {
  if (to <= from || static_cast<int>(to) <= 0) return BadRange();
  const std::uint32_t first_hour = std::max(HourOf(from), state_->start_hour.load());
  const std::uint32_t last_hour = HourOf(to - 1);
  if (last_hour < first_hour) return std::vector<TopRow>();
  auto view = state_->Look(scope, [&](const HistoryPending& source, auto& rows) {
    source.ForEachCell(first_hour, last_hour,
                       [&](std::uint32_t hour, std::string_view topic, std::span<const CellRow> added) {
                         if (filter.accepts && !filter.accepts(topic)) return;
                         auto& copy = rows[CellName(hour, topic)];
                         copy.insert(copy.end(), added.begin(), added.end());
                       });
  });
  if (!view) return std::unexpected(view.error());

  TextMap<AuthorTally> tallies;
  HistoryCell cell;
  std::uint64_t rows_read = 0;
  const auto tally = [&](std::string_view name) {
    const auto [begin, end] = MinutesIn(LoadBig<std::uint32_t>(name), from, to);
    cell.Normalize();
    rows_read += cell.size();
    tallies[name.substr(4)].Add(cell, begin, end, view->in_scope);
    cell.Clear();
  };

  const std::string lower = CellName(first_hour, "");
  const std::string upper = CellName(last_hour + 1, "");
  const rocksdb::Slice upper_slice(upper);
  rocksdb::ReadOptions options;
  options.snapshot = view->snapshot->get();
  options.iterate_upper_bound = &upper_slice;
  const std::unique_ptr<rocksdb::Iterator> it(
      state_->database.db().NewIterator(options, state_->database.family(Family::kHistory)));
  for (it->Seek(lower); it->Valid(); it->Next()) {
    const std::string_view name = AsView(it->key());
    if (name.size() > 4 && filter.accepts && !filter.accepts(name.substr(4))) {
      if (++rows_read > filter.rows_max) return TooMuchToRead(filter.rows_max);
      continue;
    }
    if (name.size() <= 4 || !cell.AddStored(AsView(it->value()))) return CorruptCell();
    if (!view->rows.empty()) {
      if (const auto rows = view->rows.find(name); rows != view->rows.end()) {
        for (const CellRow& row : rows->second) cell.Add(row);
        view->rows.erase(rows);
      }
    }
    tally(name);
    if (rows_read > filter.rows_max) return TooMuchToRead(filter.rows_max);
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  for (const auto& [name, rows] : view->rows) {
    for (const CellRow& row : rows) cell.Add(row);
    tally(name);
  }
  if (rows_read > filter.rows_max) return TooMuchToRead(filter.rows_max);

  std::vector<TopRow> top;
  top.reserve(tallies.size());
  for (auto& [topic, sums] : tallies) {
    if (sums.posts() == 0) continue;
    top.push_back({.topic = topic, .display = {}, .posts = sums.posts()});
    // By posts, authors are counted below for the rows that are kept.
    if (by == TopBy::kAuthors) top.back().authors = sums.authors();
  }
  const auto before = [by](const TopRow& a, const TopRow& b) {
    const std::uint64_t count_a = by == TopBy::kPosts ? a.posts : a.authors;
    const std::uint64_t count_b = by == TopBy::kPosts ? b.posts : b.authors;
    return count_a != count_b ? count_a > count_b : ShownTopic(a.topic) < ShownTopic(b.topic);
  };
  const std::size_t kept = std::min(limit, top.size());
  std::ranges::partial_sort(top, top.begin() + static_cast<std::ptrdiff_t>(kept), before);
  top.resize(kept);
  for (TopRow& row : top) {
    AuthorTally& sums = tallies.find(row.topic)->second;
    row.authors = sums.authors();
    row.authors_exact = sums.exact();
    row.display = Display(row.topic);
    row.topic = ShownTopic(row.topic);
  }
  return top;
}

std::expected<std::vector<HistoryStep>, Error> History::Steps(std::string_view topic, std::string_view scope,
                                                              Minute from, Minute to, int step_minutes) const {
  if (step_minutes <= 0) {
    return std::unexpected(Error{.code = "bad_step", .detail = "step must be at least a minute", .field = "step"});
  }
  if (to <= from || static_cast<int>(to) <= 0) return BadRange();
  const std::uint32_t first_hour = HourOf(from);
  const std::uint32_t last_hour = HourOf(to - 1);
  if (last_hour - first_hour >= kStepHoursMax) return BadRange();
  if (static_cast<std::size_t>((to - from) / step_minutes) > kStepsMax) return BadRange();
  auto view = state_->LookAt(std::span(&topic, 1), scope, first_hour, last_hour);
  if (!view) return std::unexpected(view.error());

  std::map<int, AuthorTally> steps;
  HistoryCell cell;
  for (std::uint32_t hour = first_hour; hour <= last_hour; ++hour) {
    const auto there = state_->ReadCell(*view, hour, topic, cell);
    if (!there) return std::unexpected(there.error());
    if (!*there) continue;
    const Minute hour_start{static_cast<std::int32_t>(hour * 60)};
    auto [minute, end] = MinutesIn(hour, from, to);
    while (minute < end) {
      const int step = (hour_start + static_cast<int>(minute) - from) / step_minutes;
      const auto step_end = static_cast<std::uint32_t>(std::min(
          static_cast<std::int64_t>(end),
          static_cast<std::int64_t>(from - hour_start) + (static_cast<std::int64_t>(step) + 1) * step_minutes));
      steps[step].Add(cell, minute, step_end, view->in_scope);
      minute = step_end;
    }
  }
  std::vector<HistoryStep> result;
  for (auto& [step, sums] : steps) {
    if (sums.posts() == 0) continue;
    result.push_back({.at = StartOf(from + step * step_minutes),
                      .posts = sums.posts(),
                      .authors = sums.authors(),
                      .authors_exact = sums.exact()});
  }
  return result;
}

std::string History::Display(std::string_view topic) const {
  Spellings sum;
  {
    const std::lock_guard lock(state_->mutex);
    // A name may lag by what is being written in this moment: it is for show and never counted.
    if (const auto stored = state_->database.Get(Family::kSpellings, topic); stored && *stored) {
      (void)sum.AddStored(**stored);
    }
    if (const Spellings* young = state_->pending.FindSpellings(topic); young != nullptr) sum.Add(*young);
  }
  const std::string_view best = sum.Best();
  return std::string(best.empty() ? ShownTopic(topic) : best);
}

}  // namespace tagswell
