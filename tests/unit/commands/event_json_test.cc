#include "server/commands/event_json.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

TEST(EventFromJson, ReadsWhatEventToJsonWrites) {
  TrendEvent event;
  event.seq = 812;
  event.type = TrendEventType::kMilestone;
  event.time = *ParseTimestamp("2017-10-15T21:04:00Z");
  event.trend = "metoo@world@1508101440";
  event.topic = "metoo";
  event.display = "MeToo";
  event.scope = "world";
  event.rank = 1;
  event.previous_rank = 4;
  event.score = 41.5;
  event.window = "1h";
  event.observed_posts = 5120;
  event.observed_authors = 4987;
  event.expected_authors = 3.25;
  event.started_at = *ParseTimestamp("2017-10-15T21:04:00Z");
  event.milestone = Milestone{"authors", 70'000, "facebook", event.time - std::chrono::hours(12)};

  const auto read = EventFromJson(EventToJson(event, "epoch"));
  ASSERT_TRUE(read);
  EXPECT_EQ(EventToJson(*read, "epoch"), EventToJson(event, "epoch"));
}

TEST(EventFromJson, RefusesWhatIsNoEvent) {
  EXPECT_EQ(EventFromJson("{").error().code, "malformed_json");
  EXPECT_EQ(EventFromJson("[]").error().code, "malformed_json");
  EXPECT_EQ(EventFromJson(R"({"type":"hello","seq":1})").error().code, "bad_event");
}

}  // namespace
}  // namespace tagswell
