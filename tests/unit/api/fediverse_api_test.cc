#include "server/api/fediverse_api.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

TEST(FaspRank, GrowsWithTheScoreAndStaysWithinItsBounds) {
  EXPECT_EQ(FaspRank(0), 1);
  EXPECT_EQ(FaspRank(1), 50);
  EXPECT_EQ(FaspRank(3), 75);
  EXPECT_EQ(FaspRank(1e9), 100);
  for (double score = 0; score < 50; score += 0.1) EXPECT_LE(FaspRank(score), FaspRank(score + 0.1));
}

}  // namespace
}  // namespace tagswell
