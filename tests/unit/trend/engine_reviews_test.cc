// Trends that wait for a yes: nothing is told of them, all is judged as ever, and the yes lets them start as they
// stand.
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

ReviewChange Say(ReviewWord word, std::string_view topic = {}) {
  return {.word = word, .topic = topic, .at = kNews, .by = "ops"};
}

// Two bursts in a quiet stream.
std::vector<OwnedPost> TwoBursts() {
  SyntheticStream stream(1);
  stream.Background(kMonday, kMonday + hours(48), 12, 2'000, 4'000);
  stream.Burst("Loud", kNews, minutes(90), 600, "FR");
  stream.Burst("Earthquake", kNews + minutes(3), minutes(60), 60, "FR");
  return stream.Take();
}

std::set<std::string> WaitingTopics(const Engine& engine) {
  std::set<std::string> topics;
  for (const TrendRow& row : engine.Waiting()) topics.insert(row.state.topic);
  return topics;
}

std::vector<std::string_view> Failed(const Engine& engine, std::string_view topic) {
  const auto explained = engine.Explain(topic, kWorld);
  return explained ? explained->failed : std::vector<std::string_view>{};
}

TEST(EngineReviews, TellNothingOfWhatWaits) {
  const auto posts = TwoBursts();
  Story story;
  story.Apply(Say(ReviewWord::kRequired));
  story.Tell(Between(posts, kMonday, kNews + minutes(40)));
  EXPECT_TRUE(story.events().empty()) << Names(story.events());
  EXPECT_TRUE(story.engine().Trends(kWorld, 10).empty());
  EXPECT_TRUE(story.engine().Boards().empty());
  EXPECT_TRUE(story.engine().TrendsOf("loud").empty());
  EXPECT_EQ(story.engine().Stats().trends, 0U);
  const auto waiting = story.engine().Waiting();
  ASSERT_FALSE(waiting.empty());
  EXPECT_EQ(story.engine().Stats().trends_waiting, waiting.size());
  EXPECT_EQ(waiting.front().state.topic, "loud");
  EXPECT_EQ(WaitingTopics(story.engine()), (std::set<std::string>{"loud", "earthquake"}));
  EXPECT_EQ(Failed(story.engine(), "loud"), std::vector<std::string_view>{"awaits_review"});
  // It is over: nobody has to decide any more.
  story.Tell(Between(posts, kNews + minutes(40), kMonday + hours(48)));
  EXPECT_TRUE(story.engine().Waiting().empty());
  EXPECT_TRUE(story.events().empty());
}

// What is judged is the same as without reviews.
TEST(EngineReviews, AYesLetsATrendStartAsItStands) {
  const auto posts = TwoBursts();
  const Timestamp approved_at = kNews + minutes(40);
  Story open;
  open.Tell(Between(posts, kMonday, approved_at));
  Story story;
  story.Apply(Say(ReviewWord::kRequired));
  story.Tell(Between(posts, kMonday, approved_at));
  story.Apply(Say(ReviewWord::kApproved, "loud"));

  const auto expected = open.engine().TrendsOf("loud");
  const auto running = story.engine().TrendsOf("loud");
  const auto started = story.Of("loud", Type::kStarted);
  ASSERT_GE(expected.size(), 2U);
  ASSERT_EQ(running.size(), expected.size());
  ASSERT_EQ(started.size(), expected.size());
  EXPECT_EQ(story.events().size(), expected.size()) << Names(story.events());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(running[i].state.trend, expected[i].state.trend);
    EXPECT_EQ(running[i].state.score, expected[i].state.score);
    EXPECT_EQ(running[i].state.observed_authors, expected[i].state.observed_authors);
    EXPECT_EQ(running[i].state.rank, 1U);
    EXPECT_EQ(running[i].peak_at, expected[i].peak_at);
  }
  for (const TrendEvent& event : started) {
    EXPECT_GT(event.time, approved_at - minutes(3));
    EXPECT_LT(event.started_at, event.time - minutes(20));
    EXPECT_EQ(event.rank, 1U);
    EXPECT_GT(event.observed_authors, 100U);
  }
  for (std::size_t i = 0; i < story.events().size(); ++i) EXPECT_EQ(story.events()[i].seq, i + 1);
  EXPECT_EQ(WaitingTopics(story.engine()), std::set<std::string>{"earthquake"});

  story.Tell(Between(posts, approved_at, kMonday + hours(48)));
  EXPECT_EQ(story.Of("loud", Type::kEnded).size(), started.size());
  EXPECT_FALSE(story.EverNamed("earthquake"));
}

TEST(EngineReviews, RememberADecisionForTheNextTrend) {
  const auto posts = TwoBursts();
  Story story;
  story.Apply(Say(ReviewWord::kRequired));
  story.Apply(Say(ReviewWord::kApproved, "earthquake"));
  story.Apply(Say(ReviewWord::kRejected, "loud"));
  story.Tell(Between(posts, kMonday, kNews + minutes(40)));
  EXPECT_FALSE(story.Of("earthquake", Type::kStarted).empty());
  EXPECT_FALSE(story.EverNamed("loud"));
  EXPECT_TRUE(story.engine().Waiting().empty());
  EXPECT_EQ(Failed(story.engine(), "loud"), std::vector<std::string_view>{"rejected"});
  for (const TrendRow& row : story.engine().Trends(kWorld, 10)) EXPECT_NE(row.state.topic, "loud");
}

TEST(EngineReviews, WithdrawWhatIsRejectedOrTakenBackAtOnce) {
  const auto posts = TwoBursts();
  const Timestamp at = kNews + minutes(40);
  for (const bool rejected : {true, false}) {
    Story story;
    story.Apply(Say(ReviewWord::kRequired));
    story.Apply(Say(ReviewWord::kApproved, "loud"));
    story.Apply(Say(ReviewWord::kApproved, "earthquake"));
    story.Tell(Between(posts, kMonday, at));
    const std::size_t running = story.engine().TrendsOf("loud").size();
    ASSERT_GE(running, 2U);
    story.Apply(Say(rejected ? ReviewWord::kRejected : ReviewWord::kTakenBack, "loud"));
    EXPECT_TRUE(story.engine().TrendsOf("loud").empty());
    const auto retracted = story.Of("loud", Type::kRetracted);
    ASSERT_EQ(retracted.size(), running);
    for (const TrendEvent& event : retracted) EXPECT_EQ(event.reason, rejected ? "rejected" : "awaits_review");
    ASSERT_FALSE(story.engine().Trends(kWorld, 10).empty());
    EXPECT_EQ(story.engine().Trends(kWorld, 10).front().state.topic, "earthquake");
    EXPECT_EQ(story.engine().Trends(kWorld, 10).front().state.rank, 1U);

    story.Tell(Between(posts, at, at + minutes(10)));
    EXPECT_EQ(story.Of("loud", Type::kRetracted).size(), running);
    EXPECT_EQ(WaitingTopics(story.engine()).contains("loud"), !rejected);
  }
}

TEST(EngineReviews, AreSwitchedOnAndOffInMidStream) {
  const auto posts = TwoBursts();
  const Timestamp on = kNews + minutes(30);
  const Timestamp off = kNews + minutes(45);
  Story story;
  story.Tell(Between(posts, kMonday, on));
  const auto shown = story.engine().TrendsOf("loud");
  ASSERT_FALSE(shown.empty());
  story.Apply(Say(ReviewWord::kRequired));
  EXPECT_TRUE(story.engine().Boards().empty());
  EXPECT_EQ(story.Of("loud", Type::kRetracted).size(), shown.size());
  story.Tell(Between(posts, on, off));
  EXPECT_TRUE(story.engine().Boards().empty());
  const std::size_t told = story.Of("loud", Type::kStarted).size();
  story.Apply(Say(ReviewWord::kNotRequired));
  EXPECT_TRUE(story.engine().Waiting().empty());
  EXPECT_GT(story.Of("loud", Type::kStarted).size(), told);
  EXPECT_FALSE(story.engine().Trends(kWorld, 10).empty());
}

// A block takes a topic out of those that wait, and nothing is said of it.
TEST(EngineReviews, ABlockNeedsNoReview) {
  const auto posts = TwoBursts();
  const Timestamp at = kNews + minutes(40);
  Story story;
  story.Apply(Say(ReviewWord::kRequired));
  story.Tell(Between(posts, kMonday, at));
  ASSERT_TRUE(WaitingTopics(story.engine()).contains("loud"));
  story.Apply(BlockChange{.topic = "loud", .lifted = false, .configured = false, .at = kNews, .by = ""});
  EXPECT_FALSE(WaitingTopics(story.engine()).contains("loud"));
  story.Apply(Say(ReviewWord::kApproved, "loud"));
  story.Tell(Between(posts, at, at + minutes(10)));
  EXPECT_FALSE(story.EverNamed("loud"));
}

// Posts that are taken back take what waited on them out of the list.
TEST(EngineReviews, WhatWaitsGoesWithItsPosts) {
  const auto posts = TwoBursts();
  const Timestamp at = kNews + minutes(40);
  Story story;
  story.Apply(Say(ReviewWord::kRequired));
  const auto told = Between(posts, kMonday, at);
  story.Tell(told);
  ASSERT_TRUE(WaitingTopics(story.engine()).contains("earthquake"));
  for (const OwnedPost& post : told) {
    if (post.tags == std::vector<std::string>{"Earthquake"}) story.Retract(post);
  }
  story.Wait(at + minutes(5));
  EXPECT_FALSE(WaitingTopics(story.engine()).contains("earthquake"));
  EXPECT_TRUE(WaitingTopics(story.engine()).contains("loud"));
  EXPECT_TRUE(story.events().empty());
}

// The same records in the same order: however they were batched, and with a checkpoint anywhere.
TEST(EngineReviews, AreAFunctionOfTheLog) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    SyntheticStream stream(seed);
    stream.Background(kMonday, kMonday + hours(48), 10, 1'500, 3'000);
    std::vector<std::string> names;
    for (int i = 0; i < 8; ++i) {
      const Timestamp at = kMonday + hours(26) + minutes(stream.random()() % (20 * 60));
      stream.Burst("News" + std::to_string(i), at, minutes(90), 250, i % 2 == 0 ? "FR" : "DE");
      names.push_back("news" + std::to_string(i));
    }
    const auto posts = stream.Take();
    std::mt19937_64 random(seed * 31);
    std::map<std::size_t, ReviewChange> changes;
    for (int i = 0; i < 200; ++i) {
      const auto word = static_cast<ReviewWord>(random() % kReviewWords);
      ReviewChange change = Say(word);
      if (change.of_topic()) change.topic = names[random() % names.size()];
      changes.insert_or_assign(posts.size() / 2 + random() % (posts.size() / 2), change);
    }
    const auto run = [&](std::size_t batch_max, bool reload) {
      Replayed told = Replay(posts, changes, {.seed = seed, .batch_max = batch_max, .reload = reload});
      for (const TrendRow& row : told.engine->Waiting()) told.events.push_back(row.state.trend + " waits");
      for (const auto& [topic, review] : told.engine->reviews().all())
        told.events.push_back(topic + " by " + review.by);
      return told.events;
    };
    const auto expected = run(1, false);
    for (const std::string_view reason : {"rejected", "awaits_review"}) {
      EXPECT_TRUE(std::ranges::any_of(expected, [&](const std::string& event) {
        return event.find(R"("reason":")" + std::string(reason) + '"') != std::string::npos;
      })) << reason;
    }
    EXPECT_EQ(run(500, false), expected);
    EXPECT_EQ(run(50, true), expected);
  }
}

}  // namespace
}  // namespace tagswell
