#include "server/commands/event_line.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

TrendEvent Started() {
  TrendEvent event;
  event.type = TrendEventType::kStarted;
  event.time = *ParseTimestamp("2017-10-15T21:04:00Z");
  event.started_at = event.time;
  event.topic = "metoo";
  event.display = "MeToo";
  event.scope = "world";
  event.rank = 1;
  event.window = "1h";
  event.observed_authors = 4987;
  event.expected_authors = 3.04;
  return event;
}

TEST(EventLine, SaysWhatStartedWhereAndHowLarge) {
  EXPECT_EQ(EventLine(Started(), false),
            "21:04  #MeToo  started trending in world  4,987 people in the last hour, 3 expected  (rank 1)");
}

TEST(EventLine, NamesEveryKindOfChange) {
  TrendEvent event = Started();
  event.observed_authors = 0;
  event.type = TrendEventType::kRank;
  event.rank = 2;
  event.previous_rank = 5;
  EXPECT_EQ(EventLine(event, false), "21:04  #MeToo  went from 5 to 2 in world");
  event.type = TrendEventType::kMilestone;
  event.milestone = Milestone{"authors", 70'000, "facebook", event.time - std::chrono::hours(12)};
  EXPECT_EQ(EventLine(event, false), "21:04  #MeToo  reached 70,000 people in facebook within 12 h  (rank 2)");
  event.type = TrendEventType::kEnded;
  event.rank = 0;
  event.time += std::chrono::minutes(200);
  EXPECT_EQ(EventLine(event, false), "00:24  #MeToo  stopped trending in world after 3 h 20 min");
}

TEST(EventLine, ColoursOnlyWhenAsked) {
  EXPECT_EQ(EventLine(Started(), false).find('\x1b'), std::string::npos);
  EXPECT_NE(EventLine(Started(), true).find('\x1b'), std::string::npos);
}

TEST(EventLine, LetsNobodySteerTheTerminal) {
  TrendEvent event = Started();
  event.display = "a\x1b[2Jb\x07";
  event.scope = "source:\x1b]0;x";
  EXPECT_EQ(EventLine(event, false).find_first_of("\x1b\x07"), std::string::npos);
}

}  // namespace
}  // namespace tagswell
