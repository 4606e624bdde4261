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

}  // namespace

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

std::expected<std::vector<std::uint64_t>, Error> History::PostsOf(std::span<const std::string_view> topics,
                                                                  std::string_view scope, Minute from,
                                                                  Minute to) const {
  if (to <= from || static_cast<int>(to) <= 0) return BadRange();
  const std::uint32_t first_hour = HourOf(from);
  const std::uint32_t last_hour = HourOf(to - 1);
  if (last_hour - first_hour >= kStepHoursMax) return BadRange();
  const auto view = state_->LookAt(topics, scope, first_hour, last_hour);
  if (!view) return std::unexpected(view.error());
  std::vector<std::uint64_t> posts;
  for (const std::string_view topic : topics) {
    const auto sum = state_->TallyOf(*view, topic, from, to);
    if (!sum) return std::unexpected(sum.error());
    posts.push_back(sum->posts());
  }
  return posts;
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
