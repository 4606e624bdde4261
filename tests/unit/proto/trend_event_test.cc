#include "proto/trend_event.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "proto/json_writer.h"

namespace tagswell {
namespace {

Timestamp At(const char* text) {
  return ParseTimestamp(text).value();
}

TrendEvent Sample() {
  TrendEvent event;
  event.seq = 812;
  event.time = At("2017-10-15T21:04:00Z");
  event.trend = "metoo@world@1508101440";
  event.topic = "metoo";
  event.display = "MeToo";
  event.scope = "world";
  event.rank = 1;
  event.score = 41.70004;
  event.window = "1h";
  event.observed_posts = 5120;
  event.observed_authors = 4987;
  event.expected_authors = 3.1;
  event.started_at = At("2017-10-15T21:04:00Z");
  event.why = {.baseline = "own_past",
               .interval_minutes = 15,
               .posts = 900,
               .authors = 880.5,
               .expected_authors = 0.00004,
               .surprise = 321,
               .bar = 7.25,
               .suppressions = {{.name = "single_author", .authors_removed = 2}}};
  return event;
}

TEST(TrendEvent, ShowsItselfAsJson) {
  EXPECT_EQ(
      EventToJson(Sample(), "e1"),
      R"({"seq":812,"epoch":"e1","type":"started","time":"2017-10-15T21:04:00Z","trend":"metoo@world@1508101440",)"
      R"("topic":"metoo","display":"MeToo","scope":"world","rank":1,"previous_rank":null,"score":41.7,"window":"1h",)"
      R"("observed":{"posts":5120,"authors":4987},"expected":{"authors":3.1},"started_at":"2017-10-15T21:04:00Z",)"
      R"("explanation":{"baseline":"own_past","interval_minutes":15,"posts":900,"authors":880.5,"expected_authors":0,)"
      R"("surprise":321,"bar":7.25,"suppressions":[{"name":"single_author","authors_removed":2}]}})");
}

TEST(TrendEvent, ShowsMilestoneAndFirstPostWhereItHasThem) {
  TrendEvent event = Sample();
  event.type = TrendEventType::kMilestone;
  event.rank = 0;
  event.previous_rank = 3;
  event.milestone = Milestone{.counted = "authors",
                              .count = 70000,
                              .source = "facebook",
                              .counted_from = event.time - std::chrono::minutes{90}};
  event.first_post =
      PostRef{.source = "twitter", .id = "1", .author = "ann", .created_at = At("2017-10-15T20:21:45.5Z")};
  const std::string json = EventToJson(event, "e1");
  EXPECT_NE(json.find(R"("rank":null,"previous_rank":3)"), std::string::npos) << json;
  EXPECT_NE(
      json.find(
          R"("milestone":{"counted":"authors","count":70000,"source":"facebook","counted_from":"2017-10-15T19:34:00Z",)"
          R"("since_counted_from_s":5400},)"
          R"("first_post":{"source":"twitter","id":"1","author":"ann","created_at":"2017-10-15T20:21:45.500Z"}})"),
      std::string::npos)
      << json;
}

TEST(TrendEvent, ComesBackFromItsBytes) {
  for (unsigned type = 0; type < 6; ++type) {
    TrendEvent event = Sample();
    event.type = static_cast<TrendEventType>(type);
    EXPECT_EQ(TrendEventTypeFromName(Name(event.type)), event.type);
    if (type % 2 == 0) event.previous_rank = 0;
    if (type % 3 == 0)
      event.milestone = Milestone{.counted = "posts", .count = 1, .source = "", .counted_from = event.started_at};
    if (type % 2 == 1) event.first_post = PostRef{.source = "a", .id = "b", .author = "c", .created_at = event.time};
    if (event.type == TrendEventType::kRetracted) event.reason = "blocked";
    const auto decoded = DecodeEvent(EncodeEvent(event));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(EventToJson(*decoded, "").find(R"("reason":"blocked")") != std::string::npos,
              event.type == TrendEventType::kRetracted);
    EXPECT_EQ(decoded->previous_rank, event.previous_rank);
    EXPECT_EQ(EventToJson(*decoded, ""), EventToJson(event, ""));
    EXPECT_EQ(EncodeEvent(*decoded), EncodeEvent(event));
  }
  EXPECT_FALSE(TrendEventTypeFromName("begun"));
}

// What an older version stored says how long ago the first post was, and goes on saying it.
TEST(TrendEvent, KeepsWhatMilestonesOfOlderVersionsSay) {
  for (const std::chrono::minutes since : {std::chrono::minutes{0}, std::chrono::minutes{90}}) {
    TrendEvent event = Sample();
    event.type = TrendEventType::kMilestone;
    event.milestone = Milestone{.counted = "posts", .count = 1, .source = "", .since_first_post = since};
    const auto decoded = DecodeEvent(EncodeEvent(event));
    ASSERT_TRUE(decoded && decoded->milestone);
    EXPECT_EQ(decoded->milestone->since_first_post, since);
    EXPECT_FALSE(decoded->milestone->counted_from);
    EXPECT_EQ(EventToJson(*decoded, ""), EventToJson(event, ""));
    EXPECT_NE(EventToJson(event, "").find("since_first_post_s"), std::string::npos);
  }
}

TEST(TrendEvent, RefusesBytesThatAreNone) {
  EXPECT_EQ(DecodeEvent("\xff\xff").error().code, "corrupt_event");
  EXPECT_EQ(DecodeEvent(std::string("\x10\x63", 2)).error().code, "corrupt_event");  // type 99
  constexpr std::uint64_t kSeed = 6;
  std::mt19937_64 random(kSeed);
  const std::string good = EncodeEvent(Sample());
  for (int i = 0; i < 500; ++i) {
    std::string bytes = good.substr(0, random() % (good.size() + 1));
    if (!bytes.empty()) bytes[random() % bytes.size()] = static_cast<char>(random() & 0x7F);
    (void)DecodeEvent(bytes);
  }
}

TEST(JsonWriter, WritesNumbersThatPeopleCanRead) {
  JsonWriter json;
  json.BeginArray();
  for (const double value : {0.0, -0.0, 0.1, 1.0 / 3, -2.5, 1e6, 123456789.125, 1e14, 1e20, -0.00001,
                             std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    json.Value(value);
  }
  json.Value(std::numeric_limits<std::uint64_t>::max());
  json.Value(std::numeric_limits<std::int64_t>::min());
  json.Value(true);
  json.Value("a\"\n\x01\u00E9");
  json.Raw("{\"raw\":1}");
  json.EndArray();
  EXPECT_EQ(json.Take(),
            "[0,0,0.1,0.3333,-2.5,1000000,123456789.125,100000000000000,1e+20,0,null,null,18446744073709551615,"
            "-9223372036854775808,true,\"a\\\"\\n\\u0001\u00E9\",{\"raw\":1}]");
  json.Value(1);
  EXPECT_EQ(json.Take(), "1");
}

}  // namespace
}  // namespace tagswell
