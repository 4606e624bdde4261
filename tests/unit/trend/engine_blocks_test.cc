// Topics that may not trend: what becomes of a trend that runs, of one that would start, and of everything else.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/unit/trend/replay_with_changes.h"
#include "tests/unit/trend/story.h"
#include "tests/unit/trend/synthetic_stream.h"
#include "trend/engine.h"

namespace tagswell {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Type = TrendEventType;

const Timestamp kNews = kMonday + hours(36);

BlockChange Block(std::string_view topic) {
  return {.topic = topic, .lifted = false, .configured = false, .at = kNews, .by = "ops"};
}
BlockChange Lift(std::string_view topic) {
  return {.topic = topic, .lifted = true, .configured = false, .at = kNews, .by = "ops"};
}

// Two bursts in a quiet stream, the louder one of a topic that somebody may want to block.
std::vector<OwnedPost> TwoBursts() {
  SyntheticStream stream(1);
  stream.Background(kMonday, kMonday + hours(48), 12, 2'000, 4'000);
  stream.Burst("Spam", kNews, minutes(90), 600, "FR");
  stream.Burst("Earthquake", kNews + minutes(3), minutes(60), 60, "FR");
  return stream.Take();
}

bool Blocked(const Engine& engine, std::string_view topic) {
  const auto explained = engine.Explain(topic, kWorld);
  return explained && std::ranges::find(explained->failed, "blocked") != explained->failed.end();
}

TEST(EngineBlocks, CountABlockedTopicAndNeverAnnounceIt) {
  Story story;
  story.Apply(Block("spam"));
  const auto posts = TwoBursts();
  story.Tell(posts);
  EXPECT_FALSE(story.EverNamed("spam"));
  EXPECT_TRUE(story.EverNamed("earthquake"));
  const auto top = story.engine().Top(kWorld, Window::k24h, TopOrder::kAuthors, 10);
  const auto spam = std::ranges::find(top, "spam", &TopTopic::topic);
  ASSERT_NE(spam, top.end());
  EXPECT_EQ(spam->display, "Spam");
  EXPECT_EQ(spam->posts, 600U);
  EXPECT_EQ(spam->authors, 600U);
  EXPECT_TRUE(Blocked(story.engine(), "spam"));
  EXPECT_FALSE(Blocked(story.engine(), "earthquake"));
}

TEST(EngineBlocks, WithdrawARunningTrendAtOnceInEveryScopeAndMoveTheOthersUp) {
  const auto posts = TwoBursts();
  const Timestamp blocked_at = kNews + minutes(40);
  Story story;
  story.Tell(Between(posts, kMonday, blocked_at));
  const std::size_t running = story.engine().TrendsOf("spam").size();
  ASSERT_GE(running, 2U);
  ASSERT_EQ(story.engine().Trends(kWorld, 10).front().state.topic, "spam");
  const std::size_t told = story.events().size();

  story.Apply(Block("spam"));
  EXPECT_TRUE(story.engine().TrendsOf("spam").empty());
  const auto retracted = story.Of("spam", Type::kRetracted);
  ASSERT_EQ(retracted.size(), running);
  std::set<std::string> scopes;
  for (const TrendEvent& event : retracted) {
    scopes.insert(event.scope);
    EXPECT_EQ(event.reason, "blocked");
    EXPECT_EQ(event.rank, 0U);
    EXPECT_GT(event.time, blocked_at - minutes(3));
    EXPECT_LE(event.time, blocked_at);
  }
  EXPECT_EQ(scopes.size(), running);
  const auto board = story.engine().Trends(kWorld, 10);
  ASSERT_FALSE(board.empty());
  for (std::size_t i = 0; i < board.size(); ++i) EXPECT_EQ(board[i].state.rank, i + 1);
  EXPECT_EQ(board.front().state.topic, "earthquake");
  for (std::size_t i = 0; i < story.events().size(); ++i) EXPECT_EQ(story.events()[i].seq, i + 1);
  EXPECT_GT(story.events().size(), told + running) << "that another topic is number one now is news";

  story.Apply(Block("spam"));
  story.Tell(Between(posts, blocked_at, kMonday + hours(48)));
  EXPECT_EQ(story.Of("spam", Type::kRetracted).size(), running);
  EXPECT_TRUE(story.engine().TrendsOf("spam").empty());
  EXPECT_TRUE(story.Of("spam", Type::kEnded).empty());
  EXPECT_TRUE(story.Of("spam", Type::kStarted).size() == running) << Names(story.Of("spam", Type::kStarted));
}

TEST(EngineBlocks, LetATopicTrendAgainOnceTheBlockIsLifted) {
  const auto posts = TwoBursts();
  const Timestamp lifted_at = kNews + minutes(30);
  Story story;
  story.Apply(Block("spam"));
  story.Tell(Between(posts, kMonday, lifted_at));
  ASSERT_FALSE(story.EverNamed("spam"));
  story.Apply(Lift("spam"));
  EXPECT_FALSE(Blocked(story.engine(), "spam"));
  EXPECT_FALSE(story.EverNamed("spam"));
  story.Tell(Between(posts, lifted_at, kMonday + hours(48)));
  const auto started = story.Of("spam", Type::kStarted);
  ASSERT_FALSE(started.empty());
  for (const TrendEvent& event : started) EXPECT_GE(event.time, lifted_at - minutes(1));
}

// A tag that sixty people use every hour: that it was blocked for a day makes it no news. Without that day it is.
TEST(EngineBlocks, KnowWhatWasUsualWhileATopicWasBlocked) {
  SyntheticStream stream(3);
  stream.Background(kMonday, kMonday + hours(48), 12, 2'000, 4'000);
  for (int hour = 2; hour < 48; ++hour) stream.Burst("Daily", kMonday + hours(hour), minutes(60), 60, "FR");
  const auto posts = stream.Take();
  const Timestamp lifted_at = kMonday + hours(40);
  for (const bool with_past : {true, false}) {
    std::vector<OwnedPost> before = Between(posts, kMonday, lifted_at);
    if (!with_past)
      std::erase_if(before, [](const OwnedPost& post) { return post.tags == std::vector<std::string>{"Daily"}; });
    Story story;
    story.Apply(Block("daily"));
    story.Tell(before);
    story.Apply(Lift("daily"));
    story.Tell(Between(posts, lifted_at, kMonday + hours(48)));
    EXPECT_EQ(story.EverNamed("daily"), !with_past);
  }
}

// Starts, milestones and ends of all other topics are the same, but for their ranks.
TEST(EngineBlocks, DisturbNoOtherTopic) {
  const auto posts = TwoBursts();
  const auto others = [&](bool block) {
    Story story;
    if (block) story.Apply(Block("spam"));
    story.Tell(posts);
    story.Wait(kMonday + hours(60));
    std::vector<std::string> told;
    for (TrendEvent event : story.events()) {
      if (event.topic == "spam" || event.type == Type::kRank) continue;
      event.seq = 0;
      event.rank = 0;
      event.previous_rank.reset();
      told.push_back(EventToJson(event, "e"));
    }
    std::ranges::sort(told);
    return told;
  };
  const auto expected = others(false);
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(others(true), expected);
}

// The same records in the same order: however they were batched, and with a checkpoint anywhere.
TEST(EngineBlocks, AreAFunctionOfTheLog) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    SyntheticStream stream(seed);
    stream.Background(kMonday, kMonday + hours(48), 10, 1'500, 3'000);
    for (int i = 0; i < 8; ++i) {
      const Timestamp at = kMonday + hours(26) + minutes(stream.random()() % (20 * 60));
      stream.Burst("News" + std::to_string(i), at, minutes(30), 150, i % 2 == 0 ? "FR" : "DE");
    }
    const auto posts = stream.Take();
    std::mt19937_64 random(seed * 31);
    std::map<std::size_t, BlockChange> changes;
    std::vector<std::string> names;
    for (int i = 0; i < 8; ++i) names.push_back("news" + std::to_string(i));
    for (int i = 0; i < 120; ++i) {
      const std::string& name = names[random() % names.size()];
      changes.insert_or_assign(posts.size() / 2 + random() % (posts.size() / 2),
                               random() % 2 == 0 ? Block(name) : Lift(name));
    }
    const auto run = [&](std::size_t batch_max, bool reload) {
      Replayed told =
          Replay(posts, changes, {.seed = seed, .batch_max = batch_max, .reload = reload, .wait = hours(6)});
      for (const auto& [topic, block] : told.engine->blocks().all()) told.events.push_back(topic + " by " + block.by);
      return told.events;
    };
    const auto expected = run(1, false);
    EXPECT_TRUE(std::ranges::any_of(
        expected, [](const std::string& event) { return event.find(R"("reason":"blocked")") != std::string::npos; }));
    EXPECT_EQ(run(500, false), expected);
    EXPECT_EQ(run(50, true), expected);
  }
}

}  // namespace
}  // namespace tagswell
