#include "trend/scope_volume.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/unit/trend/saved.h"

namespace tagswell {
namespace {

TEST(ScopeVolume, SumsEqualAMapThroughGaps) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    ScopeVolume volume;
    std::map<int, std::uint64_t> naive;
    int minute = 25'000'000 + static_cast<int>(random() % 10'000);
    for (int step = 0; step < 3'000; ++step) {
      const auto posts = static_cast<std::uint32_t>(1 + random() % 100);
      volume.Close(Minute{minute}, posts);
      naive[minute] = posts;
      const int oldest = std::max(naive.begin()->first, minute - (ScopeVolume::kMinutesKept - 2));
      const int from = oldest + static_cast<int>(random() % static_cast<std::uint64_t>(minute - oldest + 1));
      const int to = from + static_cast<int>(random() % 2'000);
      std::uint64_t expected = 0;
      for (auto at = naive.lower_bound(from); at != naive.end() && at->first < to; ++at) expected += at->second;
      ASSERT_EQ(volume.Sum(Minute{from}, Minute{to}), static_cast<double>(expected))
          << "step " << step << " [" << from << ", " << to << ")";
      const std::uint64_t gap = random() % 200;
      minute += gap == 0 ? 5'000 : gap < 5 ? 300 : 1 + static_cast<int>(random() % 3);
    }
  }
}

TEST(ScopeVolume, ExpectsWhatTheHourOfTheDayBrings) {
  ScopeVolume volume;
  const int start = 25'000'000 / 1'440 * 1'440;
  // Twelve loud and twelve quiet hours, for six days.
  for (int minute = start; minute < start + 6 * 1'440; ++minute)
    volume.Close(Minute{minute}, minute % 1'440 < 720 ? 90 : 10);
  const Minute end{start + 6 * 1'440};
  EXPECT_NEAR(volume.Expected(end, end + 60), 60 * 90, 1);
  EXPECT_NEAR(volume.Expected(end + 720, end + 780), 60 * 10, 1);
  EXPECT_NEAR(volume.Expected(end + 690, end + 750), 30 * 90 + 30 * 10, 1);
}

TEST(ScopeVolume, TakesASurgeForExposureButNotAGapForAFall) {
  ScopeVolume volume;
  const int start = 25'000'000 / 1'440 * 1'440;
  for (int minute = start; minute < start + 3 * 1'440; ++minute) volume.Close(Minute{minute}, 50);
  const Minute end{start + 3 * 1'440};
  for (int minute = 0; minute < 60; ++minute) volume.Close(end + minute, 200);
  EXPECT_EQ(volume.Exposure(end, end + 60), 60 * 200);
  EXPECT_GE(volume.Exposure(end + 60, end + 180), 120 * 50);
}

TEST(ScopeVolume, ComesBackFromBytes) {
  ScopeVolume volume;
  for (int minute = 0; minute < 5'000; ++minute)
    volume.Close(Minute{1'000'000 + minute}, static_cast<std::uint32_t>(minute % 37));
  const std::string bytes = Saved(volume);
  ScopeVolume loaded;
  StateReader in(bytes);
  loaded.Load(in);
  EXPECT_TRUE(in.ok() && in.AtEnd());
  const Minute now{1'005'000};
  EXPECT_EQ(loaded.Sum(now - 1'440, now), volume.Sum(now - 1'440, now));
  EXPECT_EQ(loaded.Expected(now, now + 180), volume.Expected(now, now + 180));
}

}  // namespace
}  // namespace tagswell
