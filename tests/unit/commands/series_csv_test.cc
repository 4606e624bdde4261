#include "server/commands/series_csv.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

TEST(SeriesLine, TakesBothFormsOfTime) {
  const auto plain = ParseSeriesLine("2015-02-26 21:42:53,104\r");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->at, *ParseTimestamp("2015-02-26T21:42:53Z"));
  EXPECT_EQ(plain->value, 104);
  EXPECT_EQ(plain->at_text, "2015-02-26 21:42:53");
  EXPECT_EQ(plain->value_text, "104");
  EXPECT_EQ(ParseSeriesLine("\"2015-02-26T22:42:53+01:00\", 1.5e1")->at, plain->at);
  EXPECT_EQ(ParseSeriesLine("2015-02-26 22:42:53+01:00,1")->at, plain->at);
}

TEST(SeriesLine, SaysWhatIsWrong) {
  EXPECT_EQ(ParseSeriesLine("2015-02-26 21:42:53").error().code, "bad_line");
  EXPECT_EQ(ParseSeriesLine("2015-02-26 21:42:53,1,2").error().code, "bad_line");
  EXPECT_EQ(ParseSeriesLine("yesterday,1").error().code, "bad_time");
  EXPECT_EQ(ParseSeriesLine("2015-02-26 21:42:53,many").error().code, "bad_value");
  EXPECT_EQ(ParseSeriesLine("2015-02-26 21:42:53,nan").error().code, "bad_value");
}

}  // namespace
}  // namespace tagswell
