#include "trend/spelling_counts.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/unit/trend/saved.h"

namespace tagswell {
namespace {

constexpr std::string_view kName = "metoo";

TEST(SpellingCounts, ShowTheSpellingUsedMostAndTheSmallerOfEquals) {
  SpellingCounts spellings;
  spellings.Add(kName, "metoo");
  spellings.Add(kName, "MeToo");
  EXPECT_EQ(spellings.Best(kName), "MeToo");
  spellings.Add(kName, "metoo");
  EXPECT_EQ(spellings.Best(kName), "metoo");
  spellings.Remove(kName, "metoo", false);
  spellings.Remove(kName, "metoo", false);
  EXPECT_EQ(spellings.Best(kName), "MeToo");
}

TEST(SpellingCounts, TellOfClosedMinutesApart) {
  SpellingCounts spellings;
  const std::uint8_t lower = spellings.Add(kName, "metoo");
  spellings.Add(kName, "MeToo");
  spellings.Add(kName, "MeToo");
  EXPECT_EQ(spellings.BestClosed(kName), "");
  spellings.Close(lower);
  EXPECT_EQ(spellings.BestClosed(kName), "metoo");
  EXPECT_EQ(spellings.Best(kName), "MeToo");
  spellings.Remove(kName, "metoo", true);
  EXPECT_EQ(spellings.BestClosed(kName), "");
}

TEST(SpellingCounts, KeepABoundedNumber) {
  SpellingCounts spellings;
  for (int i = 0; i < 1'000; ++i) spellings.Add(kName, "s" + std::to_string(i));
  for (int i = 0; i < 10; ++i) spellings.Add(kName, "s3");
  EXPECT_EQ(spellings.Best(kName), "s3");
  EXPECT_LT(spellings.memory_bytes(), 1'000U);
}

TEST(SpellingCounts, EqualAMapWhateverTheSpellings) {
  const std::vector<std::string> all = {"metoo", "MeToo", "METOO", "meToo", "mét00", "metoo1"};
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const std::size_t spellings_used = 1 + random() % all.size();
    SpellingCounts counts;
    std::map<std::string, int> naive;
    for (int step = 0; step < 200; ++step) {
      const std::string& spelling = all[random() % spellings_used];
      if (random() % 3 == 0) {
        if (naive[spelling] == 0) continue;
        counts.Remove(kName, spelling, false);
        --naive[spelling];
      } else {
        counts.Add(kName, spelling);
        ++naive[spelling];
      }
      if (step % 50 == 0) {
        const std::string bytes = Saved(counts);
        counts = {};
        StateReader in(bytes);
        counts.Load(in);
        ASSERT_TRUE(in.ok() && in.AtEnd());
      }
      std::string best;
      for (const auto& [of, uses] : naive) {
        if (uses > 0 && (best.empty() || uses > naive[best])) best = of;
      }
      ASSERT_EQ(counts.Best(kName), best) << "step " << step;
    }
  }
}

TEST(SpellingCounts, CostNothingMoreWhileThereIsOne) {
  SpellingCounts spellings;
  for (int i = 0; i < 10; ++i) spellings.Add(kName, "MeToo");
  EXPECT_EQ(spellings.memory_bytes(), 0U);
  EXPECT_LE(sizeof(SpellingCounts), 24U);
}

}  // namespace
}  // namespace tagswell
