// What must not become a trend, and what must although it is small or hidden among noise.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "tests/unit/trend/story.h"
#include "tests/unit/trend/synthetic_stream.h"

namespace tagswell {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Type = TrendEventType;

constexpr double kTown = 12;      // posts a minute
constexpr double kVillage = 1.4;  // 2,000 a day
const Timestamp kNews = kMonday + hours(60);

SyntheticStream QuietStream(std::uint64_t seed, int days, double per_minute) {
  SyntheticStream stream(seed);
  stream.Background(kMonday, kMonday + hours(24) * days, per_minute, 2'000, 4'000);
  return stream;
}

void Spam(SyntheticStream& stream, const std::string& tag, int accounts, Duration between) {
  for (int i = 0; kNews + between * i < kNews + hours(4); ++i) {
    const auto account = stream.random()() % static_cast<std::uint64_t>(accounts);
    stream.Put({.id = {},
                .source = "twitter",
                .author = tag + std::to_string(account),
                .created_at = kNews + between * i,
                .text = "offer " + std::to_string(i) + " of many " + std::to_string(i * i),
                .lang = "fr",
                .country = "FR",
                .tags = {tag}});
  }
}

class FewAccounts : public testing::TestWithParam<int> {};

TEST_P(FewAccounts, WhoPostAgainAndAgainMakeNoTrend) {
  SyntheticStream stream = QuietStream(1, 3, kTown);
  Spam(stream, "BuyNow", 5, seconds(GetParam()));
  Story story;
  story.Tell(stream.Take());
  EXPECT_FALSE(story.EverNamed("buynow")) << Names(story.Of("buynow", Type::kStarted));
}

INSTANTIATE_TEST_SUITE_P(EverySeconds, FewAccounts, testing::Values(3, 10, 20, 40));

TEST(Resistance, SeesThroughTheSameTextFromManyAccounts) {
  SyntheticStream stream = QuietStream(2, 3, kTown);
  for (int i = 0; i < 200; ++i) {
    stream.Put({.id = {},
                .source = "twitter",
                .author = "sleeper" + std::to_string(i),
                .created_at = kNews + seconds(20 * i),
                .text = "Everybody should hear about this great thing " + std::to_string(i % 7),
                .lang = "fr",
                .country = "FR",
                .tags = {"Copied"}});
  }
  Story story;
  story.Tell(stream.Take());
  EXPECT_FALSE(story.EverNamed("copied")) << Names(story.Of("copied", Type::kStarted));
}

// People of many servers use a tag; so do as many accounts of one server that hardly anyone is on, and people of a
// language that lives on one server.
TEST(Resistance, SeesThroughTheFloodOfOneHost) {
  SyntheticStream stream = QuietStream(7, 4, kTown);
  const auto put = [&](const std::string& author, Timestamp at, const std::string& tag, const std::string& lang) {
    stream.Put({.id = {},
                .source = "mastodon",
                .author = author,
                .created_at = at,
                .text = author + " says " + std::to_string(stream.random()()),
                .lang = lang,
                .country = {},
                .tags = {tag}});
  };
  // Three days of everyday posts: two hundred servers, and Basque on one of its own.
  for (int i = 0; i < 8'000; ++i) {
    const Timestamp at = kMonday + seconds(32 * i);
    const std::string number = std::to_string(stream.random()() % 3'000);
    put("u" + number + "@s" + std::to_string(stream.random()() % 200) + ".example", at,
        "Daily" + std::to_string(i % 97), "en");
    if (i % 8 == 0) put("b" + number + "@eus.example", at, "Egunero" + std::to_string(i % 7), "eu");
  }
  for (int i = 0; i < 60; ++i) {
    const Timestamp at = kNews + seconds(40 * i);
    const std::string number = std::to_string(i);
    put("bought" + number + "@flood.example", at, "Flooded", "en");
    put("w" + number + "@s" + std::to_string(i * 7 % 200) + ".example", at, "Spread", "en");
    if (i % 2 == 0) put("h" + number + "@eus.example", at, "Hitzaldia", "eu");
  }
  Story story;
  story.Tell(stream.Take());
  EXPECT_FALSE(story.EverNamed("flooded")) << Names(story.Of("flooded", Type::kStarted));
  EXPECT_FALSE(story.Of("spread", Type::kStarted).empty());
  EXPECT_FALSE(story.Of("hitzaldia", Type::kStarted).empty());
}

TEST(Resistance, FindsATrendAmongHundredsOfJunkTags) {
  SyntheticStream stream = QuietStream(3, 3, kTown);
  // For six hours: 1,200 tags that three people use once each, all within ten minutes.
  for (int i = 0; i < 1'200; ++i)
    stream.Burst("Junk" + std::to_string(i), kNews - hours(5) + seconds(18 * i), minutes(10), 3, "FR");
  stream.Burst("Earthquake", kNews, minutes(20), 30, "FR");
  Story story;
  story.Tell(stream.Take());
  const auto started = story.Of("earthquake", Type::kStarted);
  ASSERT_FALSE(started.empty());
  EXPECT_LE(started.front().time, kNews + minutes(15));
  const auto others = story.Started(kNews - hours(5), kNews + hours(1));
  EXPECT_LE(others.size() - started.size(), 8U) << Names(others);
}

// Each tag is written by people enough for a trend of its own; all together they are a flood.
TEST(Resistance, LetsAFloodOfPushedTagsThroughOnlyInPart) {
  SyntheticStream stream = QuietStream(8, 3, kTown);
  for (int i = 0; i < 400; ++i)
    stream.Burst("Pushed" + std::to_string(i), kNews - hours(2) + seconds(18 * i), minutes(10), 8, "FR");
  stream.Burst("Earthquake", kNews - hours(1), minutes(20), 60, "FR");
  Story story;
  story.Tell(stream.Take());
  const auto started = story.Of("earthquake", Type::kStarted);
  ASSERT_FALSE(started.empty());
  EXPECT_LE(started.front().time, kNews - hours(1) + minutes(15));
  std::map<std::string, int> by_scope;
  for (const TrendEvent& event : story.Started(kNews - hours(2), kNews + hours(1))) ++by_scope[event.scope];
  for (const auto& [scope, count] : by_scope) EXPECT_LE(count, 32) << scope;
}

TEST(Resistance, SaysThatAmongTooManyOthersATagIsNotLoudEnough) {
  SyntheticStream stream = QuietStream(8, 3, kTown);
  for (int i = 0; i < 100; ++i)
    stream.Burst("Pushed" + std::to_string(i), kNews + seconds(3 * i), minutes(10), 8 + i % 16, "FR");
  std::vector<OwnedPost> posts = stream.Take();
  std::erase_if(posts, [](const OwnedPost& post) { return post.created_at >= kNews + minutes(12); });
  Story story;
  story.Tell(posts);
  int crowded = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string tag = "pushed" + std::to_string(i);
    const auto explained = story.engine().Explain(tag, kWorld);
    if (!explained || std::ranges::count(explained->failed, "crowded_hour") == 0) continue;
    ++crowded;
    EXPECT_GT(explained->needed_score, 1) << tag;
    EXPECT_GE(explained->state.score, 1) << tag;
    EXPECT_LT(explained->state.score, explained->needed_score) << tag;
  }
  EXPECT_GT(crowded, 0);
}

TEST(Resistance, TakesTheEndOfAnOutageForNoNews) {
  SyntheticStream stream = QuietStream(4, 3, kTown);
  std::vector<OwnedPost> posts = stream.Take();
  std::erase_if(
      posts, [](const OwnedPost& post) { return post.created_at >= kNews && post.created_at < kNews + minutes(45); });
  Story story;
  story.Tell(posts);
  const auto started = story.Started(kNews, kNews + hours(3));
  EXPECT_LE(started.size(), 2U) << Names(started);
}

TEST(Resistance, HearsSixPeopleInAnHourInAVillage) {
  SyntheticStream stream = QuietStream(5, 3, kVillage);
  stream.Burst("TownHall", kNews, minutes(50), 6, "IS");
  Story story;
  story.Tell(stream.Take());
  const auto started = story.Of("townhall", Type::kStarted);
  ASSERT_FALSE(started.empty());
  EXPECT_LE(started.front().time, kNews + minutes(60));
}

TEST(Resistance, TellsTheCountryBeforeTheWorld) {
  SyntheticStream stream = QuietStream(6, 3, kTown);
  stream.Burst("Hverfi", kNews, minutes(60), 25, "FR");
  Story story;
  story.Tell(stream.Take());
  const auto started = story.Of("hverfi", Type::kStarted);
  const auto country = std::ranges::find(started, "country:FR", &TrendEvent::scope);
  const auto world = std::ranges::find(started, "world", &TrendEvent::scope);
  ASSERT_NE(country, started.end());
  ASSERT_NE(world, started.end());
  EXPECT_LT(country->seq, world->seq);
}

TEST(Resistance, RemembersADailyHabitThroughADayOff) {
  SyntheticStream stream = QuietStream(7, 12, kVillage);
  for (int day = 0; day < 12; ++day) {
    if (day != 7 && day != 8) stream.Burst("Bonjour", kMonday + hours(24 * day + 7), minutes(90), 12, "FR");
  }
  Story story;
  story.Tell(stream.Take());
  for (const TrendEvent& event : story.Of("bonjour", Type::kStarted))
    EXPECT_LT(event.time, kMonday + hours(24 * 3)) << FormatTimestamp(event.time);
}

TEST(Resistance, ExpectsOnAFridayWhatComesEveryFriday) {
  SyntheticStream stream = QuietStream(8, 29, kVillage);
  for (int week = 0; week < 4; ++week)
    stream.Burst("FollowFriday", kMonday + hours(24 * (7 * week + 4) + 9), hours(8), 60, "FR");
  const Timestamp last = kMonday + hours(24 * (7 * 3 + 4));
  stream.Burst("Verdict", last + hours(9), minutes(60), 30, "FR");
  Story story;
  story.Tell(stream.Take());
  for (const TrendEvent& event : story.Of("followfriday", Type::kStarted))
    EXPECT_LT(event.time, kMonday + hours(24 * 12)) << FormatTimestamp(event.time);
  EXPECT_FALSE(story.Of("verdict", Type::kStarted).empty());
}

}  // namespace
}  // namespace tagswell
