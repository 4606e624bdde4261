#include "server/commands/trend_summary.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

TrendEvent Event(TrendEventType type, const char* topic, const char* scope, int minute, std::uint64_t authors) {
  TrendEvent event;
  event.type = type;
  event.topic = topic;
  event.display = topic;
  event.scope = scope;
  event.trend = event.topic + "@" + event.scope;
  event.started_at = *ParseTimestamp("2017-10-15T21:00:00Z");
  event.time = event.started_at + std::chrono::minutes(minute);
  event.observed_authors = authors;
  return event;
}

TEST(TrendSummary, IsEmptyWhenNothingTrended) {
  EXPECT_EQ(TrendSummary().Text(), "");
}

TEST(TrendSummary, TellsStartPeakAndEndOfEachEpisode) {
  TrendSummary summary;
  summary.Add(Event(TrendEventType::kStarted, "rain", "world", 0, 40));
  summary.Add(Event(TrendEventType::kPeaked, "rain", "world", 30, 1'200));
  summary.Add(Event(TrendEventType::kEnded, "rain", "world", 95, 3));
  summary.Add(Event(TrendEventType::kStarted, "pluie", "country:FR", 0, 9));
  EXPECT_EQ(summary.Text(),
            "Started (UTC)     Topic   Where       People  Lasted\n"
            "2017-10-15 21:00  #pluie  country:FR       9  still trending\n"
            "2017-10-15 21:00  #rain   world        1,200  1 h 35 min\n");
}

TEST(TrendSummary, ShowsOtherScopesOnlyForTopicsTheWorldDidNotSee) {
  TrendSummary summary;
  summary.Add(Event(TrendEventType::kStarted, "rain", "country:FR", 0, 40));
  summary.Add(Event(TrendEventType::kStarted, "rain", "world", 5, 80));
  EXPECT_EQ(summary.Text().find("country:FR"), std::string::npos);
  summary.Add(Event(TrendEventType::kStarted, "pluie", "country:FR", 5, 8));
  summary.Add(Event(TrendEventType::kStarted, "pluie", "lang:fr", 5, 9));
  EXPECT_EQ(summary.Text().find("country:FR"), std::string::npos);
  EXPECT_NE(summary.Text().find("lang:fr"), std::string::npos);
}

TEST(TrendSummary, ForgetsWhatWasTakenBack) {
  TrendSummary summary;
  summary.Add(Event(TrendEventType::kStarted, "rain", "world", 0, 40));
  summary.Add(Event(TrendEventType::kRetracted, "rain", "world", 10, 0));
  EXPECT_EQ(summary.Text(), "");
}

TEST(TrendSummary, KeepsTheLargestWhenThereAreTooMany) {
  TrendSummary summary;
  for (int i = 0; i < 45; ++i) {
    summary.Add(Event(TrendEventType::kStarted, ("t" + std::to_string(i)).c_str(), "world", 0,
                      static_cast<std::uint64_t>(100 + i)));
  }
  const std::string text = summary.Text();
  EXPECT_EQ(text.find("#t4 "), std::string::npos);
  EXPECT_NE(text.find("#t44 "), std::string::npos);
  EXPECT_TRUE(text.ends_with("and 5 smaller ones\n"));
}

}  // namespace
}  // namespace tagswell
