#include "server/net/patience.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

using std::chrono::seconds;

TEST(Patience, EndsAfterItsTimeWhereNothingComes) {
  Patience patience(seconds(10), 100);
  patience.Start(5, 0);
  for (std::uint64_t now = 5; now < 16; ++now) EXPECT_FALSE(patience.Over(now, 0)) << now;
  EXPECT_TRUE(patience.Over(16, 0));
}

TEST(Patience, LastsWhileTheRateIsKept) {
  Patience patience(seconds(10), 100);
  patience.Start(0, 0);
  for (std::uint64_t now = 1; now < 1000; ++now) ASSERT_FALSE(patience.Over(now, now * 100)) << now;
}

TEST(Patience, EndsBelowTheRateHoweverSmallTheSteps) {
  Patience patience(seconds(10), 100);
  patience.Start(0, 0);
  std::uint64_t now = 1;
  while (!patience.Over(now, now * 50)) ASSERT_LT(++now, 1000u);
  EXPECT_EQ(now, 21u);
}

TEST(Patience, GivesNoCreditForHasteOfBefore) {
  Patience patience(seconds(10), 100);
  patience.Start(0, 0);
  EXPECT_FALSE(patience.Over(1, 1'000'000));
  std::uint64_t now = 1;
  while (!patience.Over(now, 1'000'000)) ASSERT_LT(++now, 1000u);
  EXPECT_EQ(now, 12u);
}

TEST(Patience, StartsAnew) {
  Patience patience(seconds(0), 100);
  patience.Start(7, 500);
  EXPECT_FALSE(patience.Over(7, 500));
  EXPECT_TRUE(patience.Over(8, 500));
  patience.Start(20, 900);
  EXPECT_FALSE(patience.Over(20, 900));
}

}  // namespace
}  // namespace tagswell
