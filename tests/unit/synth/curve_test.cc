#include "server/synth/curve.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kStart{1'508'000'000s};

std::vector<CurvePoint> Points() {
  return {{kStart, 0}, {kStart + 1h, 100}, {kStart + 2h, 100}, {kStart + 3h, 1'100}};
}

TEST(Curve, GivesAsManyMomentsBeforeEachPointAsThePointSays) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Curve curve(Points(), 10, Random(seed));
    int first_hour = 0;
    int second_hour = 0;
    int all = 0;
    Timestamp last = kStart;
    while (const auto at = curve.Next()) {
      EXPECT_GE(*at, last) << "seed " << seed;
      last = *at;
      ++all;
      first_hour += *at < kStart + 1h;
      second_hour += *at >= kStart + 1h && *at < kStart + 2h;
    }
    EXPECT_EQ(first_hour, 10) << "seed " << seed;
    EXPECT_EQ(second_hour, 0) << "seed " << seed;
    EXPECT_EQ(all, 110) << "seed " << seed;
    EXPECT_LT(last, kStart + 3h) << "seed " << seed;
    EXPECT_EQ(curve.given(), 110U) << "seed " << seed;
  }
}

TEST(Curve, GivesNothingWhenTheScaleLeavesLessThanOnePost) {
  Curve curve({{kStart, 0}, {kStart + 1h, 9}}, 10, Random(1));
  EXPECT_FALSE(curve.Next());
}

}  // namespace
}  // namespace tagswell
