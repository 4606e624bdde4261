#include "trend/series_score.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace tagswell {
namespace {

constexpr unsigned kSeed = 11;
constexpr Timestamp kStart{std::chrono::sys_days{std::chrono::year{2020} / 1 / 6}};
constexpr std::size_t kSlotsPerDay = 288;

// A busy day and a quiet night, and each day a little different.
std::vector<double> Everyday(int days, double mean) {
  std::mt19937 random(kSeed);
  std::gamma_distribution<double> mood(30, 1.0 / 30);
  std::vector<double> values;
  for (int day = 0; day < days; ++day) {
    const double of_day = mood(random);
    for (std::size_t slot = 0; slot < kSlotsPerDay; ++slot) {
      const double hour = 1 + 0.5 * std::sin(2 * std::numbers::pi * static_cast<double>(slot) / kSlotsPerDay);
      values.push_back(static_cast<double>(std::poisson_distribution<int>(mean * of_day * hour)(random)));
    }
  }
  return values;
}

std::vector<std::size_t> Announced(const std::vector<double>& values,
                                   std::chrono::minutes slot = std::chrono::minutes(5)) {
  SeriesScorer scorer{DetectorOptions()};
  std::vector<std::size_t> announced;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (scorer.Add({.at = kStart + slot * static_cast<int>(i), .value = values[i]}) >= 1) announced.push_back(i);
  }
  return announced;
}

TEST(SeriesScorer, KeepsToItsPartOfTheBudgetOnOrdinaryDays) {
  constexpr int kDays = 28;
  for (const double mean : {0.5, 5.0, 100.0}) {
    // A quarter of an alarm a day.
    EXPECT_LE(Announced(Everyday(kDays, mean)).size(), kDays / 4U) << "mean " << mean << " seed " << kSeed;
  }
}

TEST(SeriesScorer, AnnouncesABurstOnceAndSoon) {
  std::vector<double> values = Everyday(14, 20);
  const std::size_t burst = 12 * kSlotsPerDay + 100;
  for (std::size_t i = burst; i < burst + 24; ++i) values[i] += 150;
  std::vector<std::size_t> within;
  for (const std::size_t at : Announced(values)) {
    if (at >= burst && at < burst + 60) within.push_back(at);
  }
  ASSERT_EQ(within.size(), 1U) << "seed " << kSeed;
  EXPECT_LE(within.front(), burst + 1);
}

TEST(SeriesScorer, SpikesOfEachEveningStopBeingNews) {
  std::vector<double> values = Everyday(21, 20);
  for (std::size_t day = 0; day < 21; ++day) {
    for (std::size_t i = 0; i < 6; ++i) values[day * kSlotsPerDay + 200 + i] += 150;
  }
  std::size_t late = 0;
  for (const std::size_t at : Announced(values)) late += at >= 10 * kSlotsPerDay ? 1 : 0;
  EXPECT_LE(late, 1U) << "seed " << kSeed;
}

TEST(SeriesScorer, TakesAGapForNoNews) {
  const std::vector<double> values = Everyday(14, 50);
  SeriesScorer scorer{DetectorOptions()};
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i >= 8 * kSlotsPerDay && i < 10 * kSlotsPerDay) continue;
    const double score = scorer.Add({.at = kStart + std::chrono::minutes(5) * static_cast<int>(i), .value = values[i]});
    if (i < 10 * kSlotsPerDay || i >= 10 * kSlotsPerDay + 24) continue;
    EXPECT_LT(score, 1) << i << " seed " << kSeed;
  }
}

TEST(SeriesScorer, TakesSlotsOfAnHour) {
  const std::vector<double> fine = Everyday(40, 5);
  std::vector<double> values;
  for (std::size_t i = 0; i < fine.size(); i += 12) {
    values.push_back(0);
    for (std::size_t j = i; j < i + 12; ++j) values.back() += fine[j];
  }
  const std::size_t burst = 30 * 24 + 9;
  values[burst] *= 8;
  const std::vector<std::size_t> announced = Announced(values, std::chrono::hours(1));
  EXPECT_NE(std::find(announced.begin(), announced.end(), burst), announced.end()) << "seed " << kSeed;
  EXPECT_LE(announced.size(), 10U) << "seed " << kSeed;
}

TEST(SeriesScorer, ScoresTheFirstPointAsNothing) {
  SeriesScorer scorer{DetectorOptions()};
  EXPECT_EQ(scorer.Add({.at = kStart, .value = 1e12}), 0);
  EXPECT_LT(scorer.Add({.at = kStart, .value = 5}), 1);
}

}  // namespace
}  // namespace tagswell
