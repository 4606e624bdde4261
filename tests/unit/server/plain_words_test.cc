#include "server/plain_words.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

TEST(PlainWords, GroupsDigitsByThree) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(4'987), "4,987");
  EXPECT_EQ(Grouped(1'000'000), "1,000,000");
}

TEST(PlainWords, ShowNoMoreDigitsThanAnEstimateHas) {
  EXPECT_EQ(Roughly(0), "0");
  EXPECT_EQ(Roughly(0.04), "0");
  EXPECT_EQ(Roughly(0.42), "0.4");
  EXPECT_EQ(Roughly(3.04), "3");
  EXPECT_EQ(Roughly(9.97), "10");
  EXPECT_EQ(Roughly(4'987.4), "4,987");
}

TEST(PlainWords, NameSpansByTheirTwoLargestUnits) {
  using namespace std::chrono_literals;
  EXPECT_EQ(SpanText(40s), "40 s");
  EXPECT_EQ(SpanText(25min), "25 min");
  EXPECT_EQ(SpanText(3h + 20min), "3 h 20 min");
  EXPECT_EQ(SpanText(12h), "12 h");
  EXPECT_EQ(SpanText(52h), "2 d 4 h");
}

TEST(PlainWords, NameWindows) {
  EXPECT_EQ(LastText("5m"), "in the last 5 minutes");
  EXPECT_EQ(LastText("1h"), "in the last hour");
  EXPECT_EQ(LastText("24h"), "in the last 24 hours");
}

TEST(PlainWords, KeepNothingThatSteersATerminal) {
  EXPECT_EQ(Printable("caf\u00e9 \u6771\u4eac"), "caf\u00e9 \u6771\u4eac");
  EXPECT_EQ(Printable("a\x1b[2J\u009bb\n"), "a[2Jb");
  EXPECT_EQ(Printable("a\xff\xc3"), "a");
}

}  // namespace
}  // namespace tagswell
