#include "trend/own_runs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace tagswell {
namespace {

constexpr Minute kStart{24'000'000};

// A run every hour whose heights follow a power law from 1 decade on; quiet between them.
void Live(OwnRuns& runs, Minute from, int days, double exponent, std::mt19937& random) {
  std::uniform_real_distribution<double> uniform(1e-9, 1);
  for (int hour = 0; hour < 24 * days; ++hour) {
    runs.Observe(std::pow(uniform(random), -1 / exponent), from + hour * 60);
    runs.Observe(0, from + hour * 60 + 15);
  }
}

TEST(OwnRuns, TellsHowOftenAHeightIsReached) {
  constexpr unsigned kSeed = 7;
  std::mt19937 random(kSeed);
  for (const double exponent : {1.0, 1.6, 2.5}) {
    OwnRuns runs(7);
    Live(runs, kStart, 28, exponent, random);
    const Minute now = kStart + 28 * 1440;
    for (const double decades : {2.0, 4.0, 8.0}) {
      const double expected = 24 * std::pow(decades, -exponent);
      EXPECT_NEAR(std::log2(runs.PerDay(decades, now) / expected), 0, 1)
          << "exponent " << exponent << " decades " << decades << " seed " << kSeed;
    }
  }
}

TEST(OwnRuns, FallsWithTheHeight) {
  std::mt19937 random(3);
  OwnRuns runs(7);
  Live(runs, kStart, 20, 1.5, random);
  double before = runs.PerDay(0, kStart + 20 * 1440);
  for (double decades = 0.1; decades < 1000; decades *= 1.1) {
    const double per_day = runs.PerDay(decades, kStart + 20 * 1440);
    EXPECT_LE(per_day, before * 1.0001) << decades;
    EXPECT_GT(per_day, 0);
    before = per_day;
  }
}

TEST(OwnRuns, CountsAStretchOnceUntilHalfIsGone) {
  OwnRuns waving(7);
  OwnRuns parted(7);
  for (int i = 0; i < 100; ++i) {
    waving.Observe(i % 2 == 0 ? 4 : 2.1, kStart + i * 60);
    parted.Observe(i % 2 == 0 ? 4 : 1.9, kStart + i * 60);
  }
  waving.Observe(0, kStart + 6000);
  parted.Observe(0, kStart + 6000);
  EXPECT_LT(waving.PerDay(4, kStart + 6000), 1);
  EXPECT_GT(parted.PerDay(4, kStart + 6000), 8);
}

TEST(OwnRuns, ForgetsWithTime) {
  OwnRuns runs(7);
  for (int i = 0; i < 24; ++i) {
    runs.Observe(i % 2 == 0 ? 5 : 0, kStart + i * 60);
  }
  const double then = runs.PerDay(5, kStart + 1440);
  const double later = runs.PerDay(5, kStart + 28 * 1440);
  EXPECT_LT(later, then / 8);
}

}  // namespace
}  // namespace tagswell
