#include "server/steadied_clock.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kStart{Duration{1'700'000'000'000}};

struct Clocks {
  ManualClock wall{kStart};
  ManualClock uptime{Timestamp{5min}};
  SteadiedClock steadied{wall, uptime};

  // Real time goes on, and the wall clock shows it wrong by so much.
  void Go(Duration time, Duration wrong) {
    real += time;
    uptime.Set(uptime.Now() + time);
    wall.Set(kStart + real + wrong);
  }
  Duration real{0};
};

TEST(SteadiedClock, FollowsSmallCorrections) {
  Clocks clocks;
  for (const Duration wrong : {Duration(0), Duration(30s), Duration(-20s), Duration(-70s)}) {
    clocks.Go(1s, wrong);
    EXPECT_EQ(clocks.steadied.Now(), clocks.wall.Now());
  }
}

TEST(SteadiedClock, GoesOnThroughAJumpThatIsTakenBack) {
  for (const Duration jump : {Duration(1h), Duration(24h), Duration(-1h), Duration(-24h), Duration(50 * 365 * 24h)}) {
    Clocks clocks;
    for (int minute = 0; minute < 59; ++minute) {
      clocks.Go(1min, jump);
      ASSERT_EQ(clocks.steadied.Now(), kStart + clocks.real);
    }
    clocks.Go(1min, 0s);
    EXPECT_EQ(clocks.steadied.Now(), kStart + clocks.real);
    clocks.Go(2h, 0s);
    EXPECT_EQ(clocks.steadied.Now(), kStart + clocks.real);
  }
}

TEST(SteadiedClock, BelievesAJumpThatLastedAnHour) {
  for (const Duration jump : {Duration(1h), Duration(-24h)}) {
    Clocks clocks;
    clocks.Go(1min, jump);
    EXPECT_EQ(clocks.steadied.Now(), kStart + clocks.real);
    clocks.Go(59min, jump);
    EXPECT_EQ(clocks.steadied.Now(), kStart + clocks.real);
    clocks.Go(1min, jump);
    EXPECT_EQ(clocks.steadied.Now(), clocks.wall.Now());
    clocks.Go(1min, jump);
    EXPECT_EQ(clocks.steadied.Now(), clocks.wall.Now());
  }
}

TEST(SteadiedClock, DoubtsEachJumpAnew) {
  Clocks clocks;
  for (int k = 1; k <= 10; ++k) {
    clocks.Go(50min, k * 3h);
    ASSERT_EQ(clocks.steadied.Now(), kStart + clocks.real);
  }
}

}  // namespace
}  // namespace tagswell
