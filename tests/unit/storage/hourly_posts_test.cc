#include "storage/hourly_posts.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

using Rows = HourlyPosts::Rows;
constexpr BlockSeq kTen{10};

// As an answer does with an hour that it read: so many rows, of topics "t0", "t1", ...
void Keep(HourlyPosts::Look& look, std::uint32_t hour, std::size_t rows) {
  TopicNumbers names;
  Rows read;
  for (std::size_t i = 0; i < rows; ++i)
    read.push_back({.topic = names.NumberOf("t" + std::to_string(i % 1'000)), .posts = 1});
  look.Renumber(names, read);
  look.Keep(hour, std::move(read));
}

TEST(HourlyPosts, KeepsAnHourUntilItIsWritten) {
  HourlyPosts cache;
  HourlyPosts::Look look(cache, kTen);
  EXPECT_EQ(look.Find(1), nullptr);
  Keep(look, 1, 3);
  Keep(look, 2, 2);
  const auto held = look.Find(1);
  ASSERT_NE(held, nullptr);
  EXPECT_EQ(held->size(), 3U);
  cache.Writes({1}, BlockSeq{11});
  EXPECT_EQ(look.Find(1), nullptr);
  EXPECT_NE(look.Find(2), nullptr);
  EXPECT_EQ(held->size(), 3U);
}

TEST(HourlyPosts, NeverGivesOrKeepsWhatALookDoesNotSee) {
  HourlyPosts cache;
  HourlyPosts::Look old(cache, kTen);
  cache.Writes({1}, BlockSeq{11});
  Keep(old, 1, 3);  // read before that write
  HourlyPosts::Look young(cache, BlockSeq{11});
  EXPECT_EQ(young.Find(1), nullptr);
  Keep(young, 1, 4);
  EXPECT_NE(young.Find(1), nullptr);
  EXPECT_EQ(old.Find(1), nullptr);
}

TEST(HourlyPosts, LetsTheHoursGoThatNobodyAskedForLongest) {
  HourlyPosts cache;
  HourlyPosts::Look look(cache, kTen);
  for (std::uint32_t hour = 0; hour < 4; ++hour) Keep(look, hour, HourlyPosts::kRowsMax / 4);
  EXPECT_NE(look.Find(0), nullptr);
  Keep(look, 4, 1);
  EXPECT_EQ(look.Find(1), nullptr);
  EXPECT_NE(look.Find(0), nullptr);
  EXPECT_NE(look.Find(4), nullptr);
}

TEST(HourlyPosts, BeginsAnewWhenTheNamesAreTooMany) {
  HourlyPosts cache;
  HourlyPosts::Look look(cache, kTen);
  Keep(look, 1, 3);
  TopicNumbers names;
  Rows rows;
  for (std::size_t i = 0; i <= HourlyPosts::kTopicsMax; ++i)
    rows.push_back({.topic = names.NumberOf("flood" + std::to_string(i)), .posts = 1});
  look.Renumber(names, rows);
  std::size_t named = 0;
  look.ForEachName(rows.back().topic + 1, [&](std::uint32_t, const std::string&) { ++named; });
  EXPECT_EQ(named, HourlyPosts::kTopicsMax + 4);  // its own numbers hold
  HourlyPosts::Look next(cache, kTen);
  EXPECT_EQ(next.Find(1), nullptr);
  Keep(next, 1, 3);
  EXPECT_EQ(next.Find(1)->front().topic, 0U);
}

}  // namespace
}  // namespace tagswell
