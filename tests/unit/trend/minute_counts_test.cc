#include "trend/minute_counts.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/unit/trend/saved.h"

namespace tagswell {
namespace {

TEST(MinuteCounts, EqualsAMapThroughLateMinutesSubtractionsAndExpiry) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    MinuteCounts counts;
    std::map<int, std::uint64_t> naive;
    int now = 1'000'000;
    for (int step = 0; step < 4'000; ++step) {
      if (random() % 3 == 0) now += static_cast<int>(random() % 5);
      const int at = now - static_cast<int>(random() % 4 == 0 ? random() % 200 : 0);
      switch (random() % 8) {
        case 0: {
          const auto taken = static_cast<std::uint32_t>(random() % 3);
          counts.Subtract(Minute{at}, taken);
          if (const auto found = naive.find(at); found != naive.end())
            found->second -= std::min<std::uint64_t>(found->second, taken);
          break;
        }
        case 1:
          counts.Expire(Minute{now - 1440});
          naive.erase(naive.begin(), naive.lower_bound(now - 1440));
          break;
        default: {
          const auto added = static_cast<std::uint32_t>(1 + random() % 5);
          counts.Add(Minute{at}, added);
          naive[at] += added;
        }
      }
      const int from = now - static_cast<int>(random() % 1'440);
      const int to = from + static_cast<int>(random() % 1'500);
      std::uint64_t expected = 0;
      for (auto it = naive.lower_bound(from); it != naive.end() && it->first < to; ++it) expected += it->second;
      ASSERT_EQ(counts.Sum(Minute{from}, Minute{to}), expected) << "step " << step;
    }
  }
}

TEST(MinuteCounts, IsEmptyAgainWhenAllWasTakenBack) {
  MinuteCounts counts;
  counts.Add(Minute{10}, 2);
  counts.Subtract(Minute{10}, 5);
  EXPECT_TRUE(counts.empty());
  counts.Subtract(Minute{10}, 1);
  EXPECT_EQ(counts.Sum(Minute{0}, Minute{100}), 0U);
}

TEST(MinuteCounts, ComesBackFromBytes) {
  MinuteCounts counts;
  for (int i = 0; i < 50; ++i) counts.Add(Minute{100 + 3 * i}, static_cast<std::uint32_t>(i + 1));
  const std::string bytes = Saved(counts);
  MinuteCounts loaded;
  StateReader in(bytes);
  loaded.Load(in);
  EXPECT_TRUE(in.ok() && in.AtEnd());
  EXPECT_EQ(loaded.Sum(Minute{0}, Minute{1'000}), counts.Sum(Minute{0}, Minute{1'000}));
  EXPECT_EQ(loaded.entries().size(), 50U);
}

}  // namespace
}  // namespace tagswell
