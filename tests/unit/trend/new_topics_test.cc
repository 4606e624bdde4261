#include "trend/new_topics.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

constexpr int kDay = 1'440;

// A topic begins every minute; every fourth gathers a second author, every eighth a third.
NewTopics Learned(int days) {
  NewTopics topics;
  for (int minute = 0; minute < days * kDay; ++minute) {
    const Minute now{1'000'000 + minute};
    topics.Add(0, 1, now);
    if (minute % 4 == 0) topics.Add(1, 2, now);
    if (minute % 8 == 0) topics.Add(2, 3, now);
  }
  return topics;
}

TEST(NewTopics, KnowsHowManyBeginADay) {
  EXPECT_NEAR(Learned(4).PerDay(Minute{1'000'000 + 4 * kDay}), kDay, kDay * 0.05);
}

TEST(NewTopics, KnowsHowManyAuthorsFollowOne) {
  EXPECT_NEAR(Learned(4).More(), 1.0 / 4 + 1.0 / 8, 0.01);
}

TEST(NewTopics, CountsAStepUpAsWellAsSeveral) {
  NewTopics once;
  NewTopics in_steps;
  once.Add(0, 5, Minute{1'000});
  in_steps.Add(0, 2, Minute{1'000});
  in_steps.Add(2, 5, Minute{1'000});
  EXPECT_EQ(once.More(), in_steps.More());
  EXPECT_EQ(once.More(), 4);
}

TEST(NewTopics, ForgetsTheFirstDayWhenEverydayTopicsWereNew) {
  NewTopics topics;
  for (int minute = 0; minute < 8 * kDay; ++minute) topics.Add(0, minute < kDay ? 8 : 1, Minute{1'000'000 + minute});
  EXPECT_LT(topics.More(), 0.1);
}

TEST(NewTopics, TakesNoRateFromTheFirstMinutes) {
  NewTopics topics;
  for (int i = 0; i < 10; ++i) topics.Add(0, 1, Minute{1'000});
  EXPECT_LE(topics.PerDay(Minute{1'001}), 40);
  EXPECT_GE(NewTopics{}.PerDay(Minute{1'001}), 1);
}

}  // namespace
}  // namespace tagswell
