#include "trend/burst_tail.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tagswell {
namespace {

// Runs a day fall by half with each level; `days` of them.
BurstTail Learned(int days) {
  BurstTail tail;
  for (int minute = 0; minute < days * 1'440; ++minute) {
    int level = 1;
    for (int coin = minute; level < BurstTail::kLevels && coin % 2 == 0 && coin > 0; coin /= 2) ++level;
    tail.Add(0, level, Minute{1'000'000 + minute});
  }
  return tail;
}

TEST(BurstTail, KnowsHowOftenRunsReachALevel) {
  const BurstTail tail = Learned(4);
  const Minute now{1'000'000 + 4 * 1'440};
  EXPECT_NEAR(tail.RunsPerDay(now), 1'440, 1'440 * 0.02);
  EXPECT_NEAR(tail.PerDay(2, now), 720, 720 * 0.05);
  EXPECT_NEAR(tail.PerDay(4, now), 180, 180 * 0.1);
}

TEST(BurstTail, GoesOnGeometricallyBeyondWhatItSaw) {
  const BurstTail tail = Learned(4);
  const Minute now{1'000'000 + 4 * 1'440};
  EXPECT_NEAR(std::log2(tail.PerDay(20, now) / tail.PerDay(30, now)), 10, 2);
  for (double authors = 1; authors < 60; authors += 0.25) {
    EXPECT_GE(tail.PerDay(authors, now) * 1.0001, tail.PerDay(authors + 0.25, now)) << authors;
  }
}

TEST(BurstTail, IsNotBentByOneHugeRun) {
  BurstTail tail = Learned(4);
  const Minute now{1'000'000 + 4 * 1'440};
  const double before = tail.PerDay(24, now);
  tail.Add(0, BurstTail::kLevels, now);
  EXPECT_LT(tail.PerDay(24, now), before * 2);
}

TEST(BurstTail, CountsOnlyTheLevelsThatARunRoseThrough) {
  BurstTail once;
  BurstTail in_steps;
  for (int i = 0; i < 50; ++i) {
    once.Add(0, 6, Minute{5'000});
    in_steps.Add(0, 2, Minute{5'000});
    in_steps.Add(2, 5, Minute{5'000});
    in_steps.Add(5, 6, Minute{5'000});
  }
  for (int level = 1; level <= 8; ++level) EXPECT_EQ(once.PerDay(level, Minute{5'001}), in_steps.PerDay(level, Minute{5'001}));
}

TEST(BurstTail, ForgetsInWeeks) {
  BurstTail tail = Learned(1);
  const double fresh = tail.RunsPerDay(Minute{1'000'000 + 1'440});
  tail.Add(0, 1, Minute{1'000'000 + 29 * 1'440});
  EXPECT_LT(tail.RunsPerDay(Minute{1'000'000 + 29 * 1'440}), fresh / 16);
}

}  // namespace
}  // namespace tagswell
