#include "trend/sliding_hyperloglog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <tuple>
#include <unordered_map>

#include "proto/window.h"
#include "tests/unit/trend/saved.h"

namespace tagswell {
namespace {

struct Arrival {
  std::uint64_t author;
  int minute;
};

// `authors` hashes over 48 hours in order of arrival: many come again, some come late by up to five hours.
std::vector<Arrival> Arrivals(std::uint64_t seed, int authors) {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> hashes(static_cast<std::size_t>(authors));
  for (std::uint64_t& hash : hashes) hash = random();
  std::vector<std::pair<int, Arrival>> by_arrival;
  for (int i = 0; i < authors * 5 / 2; ++i) {
    const int minute = 3'000'000 + static_cast<int>(random() % (2 * kWindowMinutesMax));
    const int late = random() % 20 == 0 ? static_cast<int>(random() % 300) : 0;
    by_arrival.push_back({minute + late, {hashes[random() % hashes.size()], minute}});
  }
  std::ranges::sort(by_arrival, [](const auto& a, const auto& b) {
    return std::tuple(a.first, a.second.minute, a.second.author) <
           std::tuple(b.first, b.second.minute, b.second.author);
  });
  std::vector<Arrival> arrivals;
  for (const auto& [at, arrival] : by_arrival) arrivals.push_back(arrival);
  return arrivals;
}

TEST(SlidingHyperLogLog, StaysWithinTwoPercentAtEveryWindow) {
  double squares = 0;
  int checks = 0;
  for (const int authors : {1'000, 5'000, 20'000, 60'000, 120'000, 300'000}) {
    for (const std::uint64_t seed : {11U, 12U}) {
      SlidingHyperLogLog sketch;
      std::unordered_map<std::uint64_t, int> last_seen;
      const std::vector<Arrival> arrivals = Arrivals(seed, authors);
      int newest = 0;
      for (std::size_t i = 0; i < arrivals.size(); ++i) {
        sketch.Add(arrivals[i].author, Minute{arrivals[i].minute});
        newest = std::max(newest, arrivals[i].minute);
        int& seen = last_seen[arrivals[i].author];
        seen = std::max(seen, arrivals[i].minute);
        if (i != arrivals.size() - 1 && i != arrivals.size() * 3 / 5) continue;
        for (const Window window : kWindows) {
          const int from = newest + 1 - MinutesOf(window);
          const auto exact = static_cast<double>(
              std::ranges::count_if(last_seen, [from](const auto& entry) { return entry.second >= from; }));
          if (exact <= 1'000) continue;
          const double error = sketch.Estimate(Minute{from}) / exact - 1;
          EXPECT_LE(std::abs(error), 0.02)
              << "seed " << seed << ", " << Name(window) << ", exact " << exact << " of " << authors;
          squares += error * error;
          ++checks;
        }
      }
    }
  }
  EXPECT_GE(checks, 60);
  EXPECT_LE(std::sqrt(squares / checks), 0.01);
}

TEST(SlidingHyperLogLog, HasNoBumpWhereSmallCountsBecomeLarge) {
  // Between two and six hashes a register the classic estimator is several per mille too high.
  for (const double load : {1.5, 2.4, 2.6, 3.0, 4.0, 6.0}) {
    double sum = 0;
    constexpr int kRounds = 20;
    const auto count = static_cast<int>(load * static_cast<double>(SlidingHyperLogLog::kRegisters));
    for (int round = 0; round < kRounds; ++round) {
      std::mt19937_64 random(static_cast<std::uint64_t>(round + 1));
      SlidingHyperLogLog sketch;
      for (int i = 0; i < count; ++i) sketch.Add(random(), Minute{1'000});
      sum += sketch.Estimate(Minute{1'000}) / count - 1;
    }
    EXPECT_NEAR(sum / kRounds, 0, 0.005) << "load " << load;
  }
}

TEST(SlidingHyperLogLog, IsNearlyExactForAFew) {
  SlidingHyperLogLog sketch;
  std::mt19937_64 random(5);
  for (int i = 0; i < 10; ++i) sketch.Add(random(), Minute{500});
  EXPECT_NEAR(sketch.Estimate(Minute{500}), 10, 0.1);
  EXPECT_EQ(sketch.Estimate(Minute{501}), 0);
}

TEST(SlidingHyperLogLog, ForgetsAcrossASilenceOfAnyLength) {
  for (const int silence : {1'439, 1'440, 2'048, 4'096, 100'000}) {
    SlidingHyperLogLog sketch;
    std::mt19937_64 random(6);
    for (int i = 0; i < 2'000; ++i) sketch.Add(random(), Minute{10'000});
    const Minute now{10'000 + silence};
    sketch.Add(random(), now);
    const double all = sketch.Estimate(now - (kWindowMinutesMax - 1));
    EXPECT_NEAR(all, silence == 1'439 ? 2'001 : 1, all * 0.03 + 0.1) << silence;
  }
}

TEST(SlidingHyperLogLog, ComesBackFromBytes) {
  SlidingHyperLogLog sketch;
  std::mt19937_64 random(9);
  for (int i = 0; i < 50'000; ++i) sketch.Add(random(), Minute{70'000 + i / 40});
  const std::string bytes = Saved(sketch);
  SlidingHyperLogLog loaded;
  StateReader in(bytes);
  loaded.Load(in);
  EXPECT_TRUE(in.ok() && in.AtEnd());
  EXPECT_EQ(loaded.Estimate(Minute{70'500}), sketch.Estimate(Minute{70'500}));
}

}  // namespace
}  // namespace tagswell
