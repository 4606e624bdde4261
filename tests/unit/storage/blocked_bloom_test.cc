#include "storage/blocked_bloom.h"

#include <gtest/gtest.h>

#include <random>

namespace tagswell {
namespace {

TEST(BlockedBloom, NeverForgetsAKeyAndRarelyInventsOne) {
  constexpr std::uint64_t kKeys = 200'000;
  std::mt19937_64 random(7);
  BlockedBloom filter(kKeys);
  std::vector<BlockedBloom::Hash> added;
  for (std::uint64_t i = 0; i < kKeys; ++i) {
    added.push_back({.line = random(), .bits = random()});
    filter.Add(added.back());
  }
  for (const auto hash : added) ASSERT_TRUE(filter.MayContain(hash));
  std::uint64_t invented = 0;
  for (std::uint64_t i = 0; i < kKeys; ++i) invented += filter.MayContain({.line = random(), .bits = random()});
  EXPECT_LT(invented, kKeys / 400);  // a quarter of a percent; about a tenth is expected
}

TEST(BlockedBloom, CostsTwoBytesAKey) {
  EXPECT_EQ(BlockedBloom(1'000'000).memory_bytes(), 2'000'000U);
  EXPECT_EQ(BlockedBloom(0).memory_bytes(), 64U);
}

}  // namespace
}  // namespace tagswell
