#include "proto/time.h"

#include <gtest/gtest.h>

#include <random>

namespace tagswell {
namespace {

Timestamp At(std::int64_t ms) {
  return Timestamp{Duration{ms}};
}

TEST(Time, ReadsWhatTheContractShows) {
  EXPECT_EQ(ParseTimestamp("2017-10-15T20:21:45Z").value(), At(1508098905000));
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:00Z").value(), kTimestampMin);
  EXPECT_EQ(ParseTimestamp("2200-01-01T00:00:00Z").value(), kTimestampMax);
}

TEST(Time, CutsFractionsToMilliseconds) {
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:01.5Z").value(), At(1500));
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:01.123999999Z").value(), At(1123));
  EXPECT_FALSE(ParseTimestamp("1970-01-01T00:00:01.1234567890Z"));
  EXPECT_FALSE(ParseTimestamp("1970-01-01T00:00:01.Z"));
}

TEST(Time, UnderstandsOffsetsAndSmallLetters) {
  EXPECT_EQ(ParseTimestamp("1970-01-01T02:00:00+01:30").value(), At(1'800'000));
  EXPECT_EQ(ParseTimestamp("1970-01-01t00:00:00-00:30").value(), At(1'800'000));
  EXPECT_EQ(ParseTimestamp("1970-01-01t00:00:00.25z").value(), At(250));
}

TEST(Time, TakesALeapSecondAsTheSecondBefore) {
  EXPECT_EQ(ParseTimestamp("2016-12-31T23:59:60Z").value(), ParseTimestamp("2016-12-31T23:59:59Z").value());
  EXPECT_EQ(ParseTimestamp("2017-01-01T00:59:60+01:00").value(), ParseTimestamp("2016-12-31T23:59:59Z").value());
  EXPECT_FALSE(ParseTimestamp("2016-12-31T12:00:60Z"));
}

TEST(Time, RefusesWhatIsNotRfc3339) {
  for (const char* text : {"",
                           "2017",
                           "2017-10-15",
                           "2017-10-15 20:21:45Z",
                           "2017-10-15T20:21:45",
                           "2017-10-15T20:21:45+0100",
                           "2017-13-15T20:21:45Z",
                           "2017-02-29T20:21:45Z",
                           "2017-10-15T24:00:00Z",
                           "2017-10-15T20:60:00Z",
                           "2017-10-15T20:21:61Z",
                           "2017-10-15T20:21:45Zx",
                           "2017-10-15T20:21:45.",
                           "2017-10-15T20:21:45.5",
                           "2017-10-15T20:21:45+24:00",
                           "2017-10-15T20:21:45+01:60",
                           "2017-10-15T20:21:45+01:0",
                           "+017-10-15T20:21:45Z",
                           "2017-1a-15T20:21:45Z",
                           "2017-10-15T20:21:45ZZZZZZ",
                           "\xff\xff\xff\xff-10-15T20:21:45Z"}) {
    const auto time = ParseTimestamp(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, "bad_time") << text;
  }
}

TEST(Time, RefusesYearsThatNoPostComesFrom) {
  for (const char* text : {"1969-12-31T23:59:59Z", "2200-01-01T00:00:01Z", "1970-01-01T00:00:00+00:01",
                           "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
    const auto time = ParseTimestamp(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, "time_out_of_range") << text;
  }
}

TEST(Time, ReadsBackWhatItWrites) {
  constexpr std::uint64_t kSeed = 1;
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    std::int64_t ms = static_cast<std::int64_t>(random() % 7'258'118'400'000);
    if (i % 2 == 0) ms -= ms % 1000;
    const std::string text = FormatTimestamp(At(ms));
    ASSERT_EQ(text.size(), ms % 1000 == 0 ? 20U : 24U);
    ASSERT_EQ(ParseTimestamp(text).value(), At(ms)) << text << ", seed " << kSeed;
  }
}

}  // namespace
}  // namespace tagswell
