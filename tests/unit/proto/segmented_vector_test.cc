#include "proto/segmented_vector.h"

#include <gtest/gtest.h>

#include <random>
#include <span>
#include <utility>
#include <vector>

namespace tagswell {
namespace {

using Segmented = SegmentedVector<int, 8>;

std::vector<int> Elements(const Segmented& of) {
  std::vector<int> all;
  of.ForEachSegment([&](std::span<const int> some) {
    EXPECT_FALSE(some.empty());
    all.insert(all.end(), some.begin(), some.end());
  });
  return all;
}

TEST(SegmentedVector, IsAVector) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Segmented segmented;
    std::vector<int> plain;
    for (int step = 0; step < 2'000; ++step) {
      const auto what = random() % 100;
      if (what < 60 || plain.empty()) {
        segmented.push_back(step);
        plain.push_back(step);
      } else if (what < 98) {
        const std::size_t at = random() % plain.size();
        segmented[at] = plain[at] = plain.back();
        segmented.pop_back();
        plain.pop_back();
      } else {
        Segmented moved = std::move(segmented);
        segmented = {};
        EXPECT_TRUE(segmented.empty());
        segmented = std::move(moved);
        EXPECT_TRUE(moved.empty());
      }
      ASSERT_EQ(segmented.size(), plain.size());
    }
    EXPECT_EQ(Elements(segmented), plain);
    for (std::size_t i = 0; i < plain.size(); ++i) EXPECT_EQ(segmented[i], plain[i]);
  }
}

TEST(SegmentedVector, MovesNothingAsItGrows) {
  Segmented segmented;
  segmented.push_back(1);
  const int* const first = &segmented[0];
  for (int i = 0; i < 1'000; ++i) segmented.push_back(i);
  EXPECT_EQ(first, &segmented[0]);
  EXPECT_LE(segmented.memory_bytes(), 1'016 * (sizeof(int) + 1));
}

}  // namespace
}  // namespace tagswell
