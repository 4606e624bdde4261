// What an operator may turn, and what the detector takes as given. Times in minutes.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace tagswell {

struct DetectorOptions {
  // The one number a person has to choose: how many false alarms a day are tolerable over everything that is watched.
  double alarm_budget_per_day = 1.0;
  // Fewer distinct authors than this within the interval are never a trend.
  double authors_min = 5;
  // A trend ends when its score stayed under `end_score` for `end_minutes`.
  double end_score = 0.4;
  int end_minutes = 30;
  // How fast a topic's own past fades.
  double baseline_half_life_days = 7;
  // How fast the memory of an earlier trend of the same topic fades.
  double record_half_life_days = 3;
  // Accounts younger than this weigh only as much as older ones support.
  int young_account_days = 3;
  // Authors and posts of a trend that are worth an event of their own.
  std::vector<std::uint64_t> milestones = {1'000, 10'000, 70'000, 100'000, 1'000'000};
};

// The intervals that are tested, in minutes.
inline constexpr std::array<int, 3> kSpans = {15, 60, 180};

}  // namespace tagswell
