#include "server/commands/pacer.h"

#include <gtest/gtest.h>

#include <string>

#include "server/commands/line_clock.h"

namespace tagswell {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string PostAt(const char* time) {
  return std::string(R"({"id":"1","text":"\"created_at\":\"1999-01-01T00:00:00Z\"","created_at" : ")") + time + "\"}\n";
}

TEST(Pacer, HoldsPostsUntilTheirTimeDividedBySpeed) {
  const std::string now = PostAt("2017-10-15T20:00:00Z");
  const std::string later = PostAt("2017-10-15T20:00:10Z");
  Pacer pacer(2);
  const Pacer::Due first = pacer.Next(Pieces::kLines, now + later, milliseconds(100), CreatedAtOf);
  EXPECT_EQ(first.bytes, now.size());
  EXPECT_EQ(first.wait, milliseconds(4'900));
  const Pacer::Due second = pacer.Next(Pieces::kLines, later, seconds(5), CreatedAtOf);
  EXPECT_EQ(second.bytes, later.size());
  EXPECT_EQ(second.wait, milliseconds(0));
}

TEST(Pacer, LetsLinesWithoutATimeAndLatePostsThrough) {
  Pacer pacer(1);
  const std::string lines = PostAt("2017-10-15T20:00:00Z") + "no post\n" + PostAt("2017-10-15T19:00:00Z");
  EXPECT_EQ(pacer.Next(Pieces::kLines, lines, milliseconds(0), CreatedAtOf).bytes, lines.size());
}

TEST(LineClock, KnowsTheTimeOfEachFormat) {
  LineClock clock;
  const auto then = ParseTimestamp("2017-10-15T20:21:45Z");
  EXPECT_EQ(clock.TimeOf(R"({"created_at":"2017-10-15T20:21:45Z"})", {.format = PostFormat::kTagswell}), *then);
  const std::string tweet =
      R"({"id_str":"1","created_at":"Sun Oct 15 20:21:45 +0000 2017","text":"#x","user":{"id_str":"7"}})";
  EXPECT_EQ(clock.TimeOf(tweet + "\n", {.format = PostFormat::kTwitterV1}), *then);
  const std::string commit =
      R"({"did":"did:a","time_us":1508098905000000,"kind":"commit","commit":{"operation":"create",)"
      R"("collection":"app.bsky.feed.post","rkey":"1","record":{"text":"#x","createdAt":"2017-10-15T20:21:45Z"}}})";
  EXPECT_EQ(clock.TimeOf(commit, {.format = PostFormat::kJetstream}), *then);
  EXPECT_EQ(clock.TimeOf("[" + commit + "]", {.format = PostFormat::kJetstream}), *then);
  const PostForm event{.format = PostFormat::kTwitterV1, .shape = BodyShape::kCloudEventLines};
  EXPECT_EQ(clock.TimeOf(R"({"specversion":"1.0","id":"1","source":"/s","type":"t","data":)" + tweet + "}", event),
            *then);
  const PostForm record{.format = PostFormat::kTagswell, .shape = BodyShape::kProtobuf};
  EXPECT_EQ(clock.TimeOf("\x0a\x15\x0a\x01i\x12\x01s\x1a\x01w\x20\xd0\xce\x98\x9b\xe4\x57\x2a\x03#ab", record), *then);
  for (const char* none : {"", "\n", "no post", R"({"delete":{"status":{"id_str":"1"}}})"})
    EXPECT_EQ(clock.TimeOf(none, {.format = PostFormat::kTwitterV1}), std::nullopt) << none;
}

TEST(LineClock, FindsCreatedAtByItsWholeName) {
  EXPECT_EQ(CreatedAtOf(R"({"author_created_at":"2010-01-01T00:00:00Z","created_at":"2017-10-15T20:00:00Z"})"),
            *ParseTimestamp("2017-10-15T20:00:00Z"));
  EXPECT_EQ(CreatedAtOf(R"({"created_at":7})"), std::nullopt);
  EXPECT_EQ(CreatedAtOf(R"({"created_at":"soon"})"), std::nullopt);
  EXPECT_EQ(CreatedAtOf(R"({"created_at)"), std::nullopt);
}

}  // namespace
}  // namespace tagswell
