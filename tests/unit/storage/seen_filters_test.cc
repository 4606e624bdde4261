#include "storage/seen_filters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tagswell {
namespace {

std::vector<PostKey> SomeKeys(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<PostKey> keys(count);
  for (PostKey& key : keys) key = {.high = random(), .low = random()};
  return keys;
}

TEST(SeenFilters, NameTheGenerationThatMayHoldAKey) {
  StoreOptions options;
  options.stretch_posts = 100;
  SeenFilters filters(options, 0);
  const std::vector<PostKey> keys = SomeKeys(1000, 1);
  for (std::size_t stretch = 0; stretch < 10; ++stretch) {
    filters.Add(std::span(keys).subspan(stretch * 100, 100));
    filters.EndStretch(kTimestampMin);
  }
  std::vector<SeenFilters::Mask> masks(keys.size());
  filters.Probe(keys, masks);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto stretch = static_cast<std::uint32_t>(i / 100);
    bool named = false;
    for (std::size_t g = 0; g < filters.size(); ++g) {
      const auto& generation = filters.generation(g);
      const bool covers =
          stretch >= generation.first_stretch && stretch < generation.first_stretch + generation.stretches;
      named |= covers && (masks[i] >> g & 1) != 0 && filters.MayHold(g, stretch, keys[i]);
    }
    ASSERT_TRUE(named) << "key " << i;
  }
  EXPECT_LE(filters.size(), 6U);  // generations double
}

TEST(SeenFilters, DoubleAlsoWhereStretchesAreNotQuiteEqual) {
  StoreOptions options;
  options.stretch_posts = 1'000;
  SeenFilters filters(options, 0);
  std::mt19937_64 random(3);
  for (std::uint64_t stretch = 0; stretch < 60; ++stretch) {
    filters.Add(SomeKeys(1'000 + random() % 50, stretch));
    filters.EndStretch(kTimestampMin);
  }
  EXPECT_LE(filters.size(), 9U);
}

TEST(SeenFilters, TakeLittleForShortStretches) {
  StoreOptions options;
  options.stretch_posts = 1'000'000;
  SeenFilters filters(options, 0);
  const std::vector<PostKey> keys = SomeKeys(200'000, 4);
  for (std::size_t stretch = 0; stretch < 200; ++stretch) {
    filters.Add(std::span(keys).subspan(stretch * 1'000, 1'000));
    filters.EndStretch(kTimestampMin);
  }
  // A generation each 64 stretches, and one stretch whose shortness nobody knew.
  EXPECT_LE(filters.size(), 4U);
  EXPECT_LE(filters.memory_bytes(), 4 * 2'100'000U + 1'600'000U + 200 * 40'000U);
  std::vector<SeenFilters::Mask> masks(keys.size());
  filters.Probe(keys, masks);
  for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_NE(masks[i], 0U);
}

TEST(SeenFilters, LetGoOfWhatIsBeyondTheHorizonOfPosts) {
  StoreOptions options;
  options.stretch_posts = 100;
  options.duplicate_horizon_posts = 400;
  SeenFilters filters(options, 0);
  for (std::uint64_t stretch = 0; stretch < 200; ++stretch) {
    filters.Add(SomeKeys(100, stretch));
    filters.EndStretch(kTimestampMin);
    std::uint64_t posts = 0;
    for (std::size_t g = 0; g < filters.size(); ++g) posts += filters.generation(g).posts;
    EXPECT_GE(posts, std::min<std::uint64_t>(400, (stretch + 1) * 100));
  }
  EXPECT_LE(filters.memory_bytes(), 7500U);
}

TEST(SeenFilters, LetGoOfWhatIsBeyondTheHorizonOfTime) {
  StoreOptions options;
  options.stretch_posts = 100;
  options.duplicate_horizon = std::chrono::days{7};
  SeenFilters filters(options, 0);
  const std::vector<PostKey> old = SomeKeys(100, 1);
  filters.Add(old);
  filters.EndStretch(kTimestampMin);
  filters.Add(SomeKeys(100, 2));
  filters.EndStretch(kTimestampMin + std::chrono::days{8});
  std::vector<SeenFilters::Mask> masks(old.size());
  filters.Probe(old, masks);
  EXPECT_LE(std::ranges::count_if(masks, [](auto mask) { return mask != 0; }), 3);
}

}  // namespace
}  // namespace tagswell
