#include "storage/young_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <vector>

namespace tagswell {
namespace {

// Keys from few, so that they come again; some lie close together and at the very end.
TEST(YoungKeys, BehaveAsAMapDoes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    YoungKeys keys(16);
    std::map<PostKey, PackedPosition> expected;
    for (PackedPosition step = 0; step < 5000; ++step) {
      const std::uint64_t drawn = random() % 1000;
      const PostKey key = {.high = drawn % 25 == 0 ? ~std::uint64_t{0} - drawn : drawn * 0x9e3779b97f4a7c15ULL,
                           .low = drawn};
      const PackedPosition position = (step + 1) << 24;
      switch (random() % 8) {
        case 0:
          keys.Erase(key);
          expected.erase(key);
          break;
        case 1:
          keys.Set(key, position);
          expected[key] = position;
          break;
        default:
          ASSERT_EQ(keys.Add(key, position), expected.emplace(key, position).second) << "seed " << seed;
      }
      const auto it = expected.find(key);
      ASSERT_EQ(keys.Find(key), it == expected.end() ? std::nullopt : std::optional(it->second)) << "seed " << seed;
      ASSERT_EQ(keys.size(), expected.size()) << "seed " << seed;
    }
    std::map<PostKey, PackedPosition> seen;
    keys.Each([&](const PostKey& key, PackedPosition position) { seen.emplace(key, position); });
    EXPECT_EQ(seen, expected) << "seed " << seed;
  }
}

TEST(YoungKeys, ComeNearlyInOrder) {
  std::mt19937_64 random(4);
  YoungKeys keys(10'000);
  for (PackedPosition i = 1; i <= 10'000; ++i) keys.Add({.high = random(), .low = random()}, i << 24);
  std::vector<PostKey> order;
  keys.Each([&](const PostKey& key, PackedPosition) { order.push_back(key); });
  std::vector<PostKey> sorted = order;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto place = std::ranges::lower_bound(sorted, order[i]) - sorted.begin();
    EXPECT_LT(std::abs(place - static_cast<std::ptrdiff_t>(i)), 100);
  }
}

}  // namespace
}  // namespace tagswell
