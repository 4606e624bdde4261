#include "trend/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <span>

#include "tests/unit/trend/saved.h"
#include "tests/unit/trend/story.h"
#include "tests/unit/trend/synthetic_stream.h"

namespace tagswell {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Type = TrendEventType;

constexpr double kPerMinute = 12;
constexpr std::uint64_t kTags = 2'000;
constexpr std::uint64_t kAuthors = 4'000;

SyntheticStream QuietStream(std::uint64_t seed, int days) {
  SyntheticStream stream(seed);
  stream.Background(kMonday, kMonday + hours(24) * days, kPerMinute, kTags, kAuthors);
  return stream;
}

const Timestamp kNews = kMonday + hours(36);

TEST(Engine, AnnouncesABurstInAQuietStreamWithinMinutesInTheWorldAndItsCountry) {
  SyntheticStream stream = QuietStream(1, 2);
  stream.Burst("Earthquake", kNews, minutes(20), 40, "FR");
  Story story;
  story.Tell(stream.Take());
  for (const std::string_view scope : {"world", "country:FR"}) {
    const auto started = story.Of("earthquake", Type::kStarted);
    const auto in = std::ranges::find(started, scope, &TrendEvent::scope);
    ASSERT_NE(in, started.end()) << scope;
    EXPECT_GT(in->time, kNews) << scope;
    EXPECT_LE(in->time, kNews + minutes(15)) << scope;
    EXPECT_GE(in->score, 1) << scope;
    EXPECT_GE(in->rank, 1U) << scope;
    EXPECT_EQ(in->display, "Earthquake") << scope;
    EXPECT_GE(in->observed_authors, 4U) << scope;
  }
}

TEST(Engine, ShowsATrendOnlyOnceItIsTold) {
  SyntheticStream stream = QuietStream(1, 2);
  // So loud that its minute is closed in pieces, with questions between them.
  stream.Burst("Earthquake", kNews, minutes(2), 40'000, "FR");
  Story story;
  Engine& engine = story.engine();
  int asked = 0;
  int asked_before_told = 0;
  engine.SetYield([&] {
    ++asked;
    const auto rows = engine.Trends(kWorld, 10);
    for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].state.rank, i + 1);
    const auto explained = engine.Explain("earthquake", kWorld);
    ASSERT_TRUE(explained);
    EXPECT_EQ(explained->failed.empty(), !rows.empty());
    EXPECT_EQ(engine.TrendsOf("earthquake").empty(), rows.empty());
    if (rows.empty()) ++asked_before_told;
  });
  story.Tell(stream.Take());
  EXPECT_GT(asked, 0);
  EXPECT_GT(asked_before_told, 0) << "the minute that starts the trend was not asked in";
  EXPECT_FALSE(story.Of("earthquake", Type::kStarted).empty());
}

TEST(Engine, EndsATrendAfterItsBurst) {
  SyntheticStream stream = QuietStream(1, 2);
  stream.Burst("Earthquake", kNews, minutes(20), 40, "FR");
  Story story;
  story.Tell(stream.Take());
  for (const TrendEvent& started : story.Of("earthquake", Type::kStarted)) {
    const auto ended = story.Of("earthquake", Type::kEnded);
    const auto same = std::ranges::find(ended, started.trend, &TrendEvent::trend);
    ASSERT_NE(same, ended.end()) << started.scope;
    EXPECT_GT(same->time, kNews + minutes(20));
    EXPECT_LE(same->time, kNews + hours(8));
    EXPECT_EQ(same->rank, 0U);
  }
}

TEST(Engine, NumbersItsEventsFromOneWithoutAGap) {
  SyntheticStream stream = QuietStream(2, 2);
  stream.Burst("One", kNews, minutes(10), 60, "FR");
  stream.Burst("Two", kNews + minutes(5), minutes(30), 90, "DE");
  Story story;
  story.Tell(stream.Take());
  ASSERT_FALSE(story.events().empty());
  for (std::size_t i = 0; i < story.events().size(); ++i) EXPECT_EQ(story.events()[i].seq, i + 1);
  EXPECT_EQ(story.engine().next_seq(), story.events().size() + 1);
  EXPECT_TRUE(std::ranges::is_sorted(story.events(), {}, &TrendEvent::time));
}

TEST(Engine, NeverLetsOneAuthorMakeATrend) {
  SyntheticStream stream = QuietStream(3, 2);
  for (int i = 0; i < 500; ++i) {
    stream.Put({.id = {},
                .source = "twitter",
                .author = "shouter",
                .created_at = kNews + std::chrono::seconds(7 * i),
                .text = "shout " + std::to_string(i),
                .lang = "fr",
                .country = "FR",
                .tags = {"BuyMine"}});
  }
  Story story;
  story.Tell(stream.Take());
  EXPECT_FALSE(story.EverNamed("buymine"));
}

TEST(Engine, NeverLetsAccountsOfThreeDaysMakeATrend) {
  SyntheticStream stream = QuietStream(4, 2);
  for (int i = 0; i < 300; ++i) {
    const Timestamp at = kNews + std::chrono::seconds(6 * i);
    stream.Put({.id = {},
                .source = "twitter",
                .author = "new" + std::to_string(i),
                .created_at = at,
                .text = "thought " + std::to_string(i),
                .lang = "fr",
                .country = "FR",
                .tags = {"Astroturf"},
                .author_created_at = at - hours(60)});
  }
  Story story;
  story.Tell(stream.Take());
  EXPECT_FALSE(story.EverNamed("astroturf"));
}

TEST(Engine, StartsNothingWhenTheWholeStreamDoubles) {
  SyntheticStream stream = QuietStream(5, 3);
  const Timestamp from = kMonday + hours(24 + 24 + 12);
  stream.Background(from, from + hours(2), kPerMinute, kTags, kAuthors);
  Story story;
  story.Tell(stream.Take());
  const auto started = story.Started(from, from + hours(3));
  EXPECT_TRUE(started.empty()) << Names(started);
}

TEST(Engine, StartsAlmostNothingWithoutNews) {
  SyntheticStream stream = QuietStream(6, 4);
  Story story;
  story.Tell(stream.Take());
  const auto started = story.Started(kMonday + hours(24), kMonday + hours(96));
  EXPECT_LE(started.size(), 9U) << "three days at a budget of one a day\n" << Names(started);
}

TEST(Engine, StopsAnnouncingWhatHappensEveryDay) {
  SyntheticStream stream = QuietStream(7, 6);
  for (int day = 0; day < 6; ++day) stream.Burst("DailyShow", kMonday + hours(24 * day + 18), minutes(60), 40, "FR");
  Story story;
  story.Tell(stream.Take());
  const auto started = story.Of("dailyshow", Type::kStarted);
  for (const TrendEvent& event : started) EXPECT_LT(event.time, kMonday + hours(24 * 2 + 24)) << Names(started);
}

TEST(Engine, WithdrawsATrendWhosePostsAreAllTakenBack) {
  SyntheticStream stream = QuietStream(8, 2);
  stream.Burst("Hoax", kNews, minutes(20), 60, "FR");
  std::vector<OwnedPost> posts = stream.Take();
  const auto cut =
      std::ranges::find_if(posts, [](const OwnedPost& post) { return post.created_at >= kNews + minutes(25); });
  const std::vector<OwnedPost> after(cut, posts.end());
  posts.erase(cut, posts.end());

  Story story;
  story.Tell(posts);
  ASSERT_FALSE(story.Of("hoax", Type::kStarted).empty());
  ASSERT_FALSE(story.engine().TrendsOf("hoax").empty());
  for (const OwnedPost& post : posts) {
    if (post.tags == std::vector<std::string>{"Hoax"}) story.Retract(post);
  }
  const auto top = story.engine().Top(kWorld, Window::k24h, TopOrder::kPosts, 5'000);
  EXPECT_EQ(std::ranges::find(top, "hoax", &TopTopic::topic), top.end());
  story.Tell(after);
  EXPECT_TRUE(story.engine().TrendsOf("hoax").empty());
  const auto retracted = story.Of("hoax", Type::kRetracted);
  EXPECT_EQ(retracted.size(), story.Of("hoax", Type::kStarted).size());
  EXPECT_TRUE(story.Of("hoax", Type::kEnded).empty());
  for (const TrendEvent& event : retracted) EXPECT_LE(event.time, kNews + minutes(30));
}

TEST(Engine, EndsTrendsOfAStreamThatFellSilent) {
  SyntheticStream stream = QuietStream(9, 1);
  stream.Background(kMonday + hours(24), kNews + minutes(20), kPerMinute, kTags, kAuthors);
  stream.Burst("Earthquake", kNews, minutes(20), 40, "FR");
  Story story;
  story.Tell(stream.Take());
  ASSERT_FALSE(story.engine().TrendsOf("earthquake").empty());
  story.Wait(kNews + hours(12));
  EXPECT_TRUE(story.engine().TrendsOf("earthquake").empty());
  EXPECT_FALSE(story.Of("earthquake", Type::kEnded).empty());
}

// Posts and authors of the topic in [from, to), of one network or of all.
std::pair<std::uint64_t, std::uint64_t> Counted(const std::vector<OwnedPost>& posts, const std::string& source,
                                                Timestamp from, Timestamp to) {
  std::set<std::string> authors;
  std::uint64_t count = 0;
  for (const OwnedPost& post : Between(posts, from, to)) {
    if (post.tags != std::vector<std::string>{"Earthquake"} || (!source.empty() && post.source != source)) continue;
    ++count;
    authors.insert(post.author);
  }
  return {count, authors.size()};
}

TEST(Engine, TellsMilestonesInTheMinuteInWhichTheyAreReachedSinceTheTrendBegan) {
  SyntheticStream stream = QuietStream(10, 2);
  stream.Put({.id = {},
              .source = "mastodon",
              .author = "pioneer",
              .created_at = kNews - hours(3),
              .lang = "fr",
              .tags = {"Earthquake"}});
  // Everyone posts twice, and every third time on another network.
  for (int i = 0; i < 3'000; ++i) {
    stream.Put({.id = {},
                .source = i % 3 == 0 ? "mastodon" : "twitter",
                .author = "fan" + std::to_string(i / 2),
                .created_at = kNews + minutes(60) * i / 3'000,
                .text = "what " + std::to_string(i) + " has to say",
                .lang = "fr",
                .country = "FR",
                .tags = {"Earthquake"}});
  }
  const auto posts = stream.Take();
  EngineOptions options;
  options.detector.milestones = {1, 100, 500, 1'000};
  Story story(options);
  story.Tell(posts);
  const auto first = story.Of("earthquake", Type::kStarted).front();
  const auto milestones = story.Of("earthquake", Type::kMilestone);
  for (const std::string source : {"", "mastodon", "twitter"}) {
    for (const std::string counted : {"posts", "authors"}) {
      std::vector<std::uint64_t> counts;
      for (const TrendEvent& event : milestones) {
        const Milestone& reached = *event.milestone;
        if (reached.source != source || reached.counted != counted) continue;
        counts.push_back(reached.count);
        ASSERT_EQ(reached.counted_from, first.time - minutes(1));
        const auto then = Counted(posts, source, *reached.counted_from, event.time);
        const auto before = Counted(posts, source, *reached.counted_from, event.time - minutes(1));
        EXPECT_GE(counted == "posts" ? then.first : then.second, reached.count)
            << source << FormatTimestamp(event.time);
        EXPECT_LT(counted == "posts" ? before.first : before.second, reached.count) << source;
      }
      const std::vector<std::uint64_t> all = {1, 100, 500, 1'000};
      const bool all_reached = source.empty() || (source == "twitter" && counted == "posts");
      EXPECT_TRUE(std::ranges::equal(counts, std::span(all).first(all_reached ? all.size() : counts.size())));
      EXPECT_GE(counts.size(), 3U) << source << counted;
    }
  }
}

TEST(Engine, RefusesBytesThatAreNoCheckpoint) {
  SyntheticStream stream(11);
  stream.Background(kMonday, kMonday + hours(3), 20, 100, 100);
  Story story;
  story.Tell(stream.Take());
  const std::string bytes = Saved(story.engine());
  for (const std::string& wrong :
       {std::string(), std::string("nonsense"), bytes.substr(0, bytes.size() / 2), bytes + "x"}) {
    Engine engine{EngineOptions{}};
    const auto loaded = engine.Load(wrong);
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().code, "corrupt_checkpoint");
  }
}

}  // namespace
}  // namespace tagswell
