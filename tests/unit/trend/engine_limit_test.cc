// The bound on topics: a flood of tags that one author each uses must neither cost memory nor touch what people use.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "proto/time.h"
#include "tests/unit/trend/saved.h"
#include "tests/unit/trend/synthetic_stream.h"
#include "trend/engine.h"

namespace tagswell {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kTopicsMax = 4'000;

struct Mixed {
  std::vector<OwnedPost> real;
  std::vector<OwnedPost> all;  // the real ones and a flood, by time
};

// Six hours of a town, with bursts; and `per_minute` posts with a tag of their own from the third hour to the fifth.
Mixed TownUnderFlood(int per_minute) {
  SyntheticStream town(7);
  town.Background(kMonday, kMonday + hours(6), 20, 200, 2'000);
  town.Burst("Before", kMonday + hours(2), minutes(30), 150, "FR");
  town.Burst("During", kMonday + hours(4), minutes(30), 150, "DE");
  Mixed mixed;
  mixed.real = town.Take();
  SyntheticStream flood(8);
  for (int minute = 0; minute < 120; ++minute) {
    for (int i = 0; i < per_minute; ++i) {
      const std::string number = std::to_string(minute * per_minute + i);
      flood.Put({.id = {},
                 .source = "flood",
                 .author = "bot" + number,
                 .created_at = kMonday + hours(3) + minutes(minute) + seconds(i % 60),
                 .tags = {"junk" + number}});
    }
  }
  mixed.all = flood.Take();
  for (OwnedPost& post : mixed.all) post.id = "f" + post.id;
  mixed.all.insert(mixed.all.end(), mixed.real.begin(), mixed.real.end());
  std::ranges::sort(mixed.all, {}, [](const OwnedPost& post) { return std::tuple(post.created_at, post.id); });
  return mixed;
}

class Replay {
 public:
  explicit Replay(std::size_t topics_max)
      : options_{.lateness = seconds(30), .salt = {}, .topics_max = topics_max, .detector = {}},
        engine_(std::make_unique<Engine>(options_)) {}

  void Add(const OwnedPost& post) {
    engine_->Add(post.View(topics_), {});
    if (++added_ % 64 == 0) most_live_ = std::max(most_live_, engine_->Stats().topics_live);
  }
  void Reload() {
    const std::string bytes = Saved(*engine_);
    Collect();
    engine_ = std::make_unique<Engine>(options_);
    ASSERT_TRUE(engine_->Load(bytes).has_value());
  }
  void Collect() {
    for (const TrendEvent& event : engine_->TakeEvents()) events_.push_back(EventToJson(event, "e"));
  }
  // What began to trend, and when.
  std::vector<std::string> Started() {
    std::vector<std::string> started;
    for (const TrendEvent& event : engine_->TakeEvents()) {
      if (event.type == TrendEventType::kStarted)
        started.push_back(event.topic + " " + event.scope + " " + FormatTimestamp(event.time));
    }
    return started;
  }
  std::vector<std::string> Top() const {
    std::vector<std::string> rows;
    for (const TopTopic& row : engine_->Top(kWorld, Window::k6h, TopOrder::kAuthors, 40))
      rows.push_back(row.topic + " " + std::to_string(row.posts) + " " + std::to_string(row.authors));
    return rows;
  }
  Engine& engine() { return *engine_; }
  std::uint64_t most_live() const { return most_live_; }
  const std::vector<std::string>& events() const { return events_; }

 private:
  EngineOptions options_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::string> topics_;
  std::vector<std::string> events_;
  std::uint64_t added_ = 0;
  std::uint64_t most_live_ = 0;  // of some looks
};

// 60,000 tags, five hundred a minute: room is made at the end of minutes.
TEST(EngineLimit, AFloodTouchesNothingThatPeopleUse) {
  const Mixed mixed = TownUnderFlood(500);
  Replay bounded(kTopicsMax);
  Replay unbounded(1'000'000);
  for (const OwnedPost& post : mixed.all) {
    bounded.Add(post);
    unbounded.Add(post);
  }
  EXPECT_LE(bounded.most_live(), kTopicsMax);
  EXPECT_GT(unbounded.most_live(), 60'000U);
  EXPECT_GT(bounded.engine().Stats().topics_forgotten, 50'000U);
  EXPECT_EQ(bounded.engine().Stats().mentions_unadmitted, 0U);
  EXPECT_EQ(bounded.engine().Stats().mentions, unbounded.engine().Stats().mentions);
  EXPECT_EQ(bounded.engine().Stats().topics_seen, unbounded.engine().Stats().topics_seen);
  EXPECT_EQ(bounded.Top(), unbounded.Top());
  const auto started = bounded.Started();
  EXPECT_EQ(started, unbounded.Started());
  EXPECT_FALSE(started.empty());
}

// 600,000 tags, five thousand a minute: more than there is room for between two ends of minutes.
TEST(EngineLimit, NewTopicsComeInByTheirSecondAuthorWhileThereIsNoRoom) {
  const Mixed mixed = TownUnderFlood(5'000);
  Replay bounded(kTopicsMax);
  for (const OwnedPost& post : mixed.all) bounded.Add(post);
  EXPECT_LE(bounded.most_live(), kTopicsMax + 200) << "second authors may still bring some";
  EXPECT_GT(bounded.engine().Stats().mentions_unadmitted, 100'000U);
  Replay undisturbed(kTopicsMax);
  for (const OwnedPost& post : mixed.real) undisturbed.Add(post);
  const auto top = bounded.engine().Top(kWorld, Window::k6h, TopOrder::kAuthors, 20);
  const auto real = undisturbed.engine().Top(kWorld, Window::k6h, TopOrder::kAuthors, 20);
  ASSERT_EQ(top.size(), real.size());
  for (std::size_t i = 0; i < top.size(); ++i) {
    EXPECT_EQ(top[i].topic, real[i].topic);
    // The first post of a new topic may be missing.
    EXPECT_LE(top[i].posts, real[i].posts);
    EXPECT_GE(top[i].posts + 1, real[i].posts);
  }
  bounded.Collect();
  EXPECT_TRUE(std::ranges::any_of(bounded.events(), [](const std::string& event) {
    return event.find("\"started\"") != std::string::npos && event.find("\"during\"") != std::string::npos;
  })) << "a trend that begins within the flood is told";
}

TEST(EngineLimit, HoldsAgainstThreePeopleWhoWriteTheSameTags) {
  SyntheticStream flood(7);
  for (int tag = 0; tag < 60'000; ++tag) {
    for (const char* author : {"a", "b", "c"}) {
      flood.Put({.id = {},
                 .source = "flood",
                 .author = author,
                 .created_at = kMonday + minutes(tag / 12'000),
                 .tags = {"junk" + std::to_string(tag)}});
    }
  }
  Replay bounded(kTopicsMax);
  for (const OwnedPost& post : flood.Take()) bounded.Add(post);
  EXPECT_GT(bounded.most_live(), kTopicsMax);
  EXPECT_LE(bounded.most_live(), kTopicsMax * 9 / 8);
  EXPECT_GT(bounded.engine().Stats().mentions_unadmitted, 10'000U);
}

TEST(EngineLimit, ARestartForgetsTheSame) {
  const Mixed mixed = TownUnderFlood(5'000);
  Replay whole(kTopicsMax);
  Replay restarted(kTopicsMax);
  for (std::size_t i = 0; i < mixed.all.size(); ++i) {
    whole.Add(mixed.all[i]);
    restarted.Add(mixed.all[i]);
    if (i % 100'003 == 100'000) restarted.Reload();
  }
  whole.Collect();
  restarted.Collect();
  EXPECT_EQ(whole.events(), restarted.events());
  EXPECT_EQ(whole.Top(), restarted.Top());
  EXPECT_EQ(whole.engine().Stats().topics_live, restarted.engine().Stats().topics_live);
  EXPECT_EQ(whole.engine().Stats().topics_forgotten, restarted.engine().Stats().topics_forgotten);
  EXPECT_EQ(whole.engine().Stats().mentions_unadmitted, restarted.engine().Stats().mentions_unadmitted);
}

TEST(EngineLimit, WhatWasForgottenMayBeTakenBack) {
  const Mixed mixed = TownUnderFlood(500);
  Replay bounded(kTopicsMax);
  Replay unbounded(1'000'000);
  for (const OwnedPost& post : mixed.all) {
    bounded.Add(post);
    unbounded.Add(post);
  }
  std::vector<std::string> topics;
  for (const OwnedPost& post : mixed.all) {
    if (post.source != "flood") continue;
    bounded.engine().Retract(post.View(topics));
    unbounded.engine().Retract(post.View(topics));
  }
  EXPECT_EQ(bounded.engine().Stats().mentions, unbounded.engine().Stats().mentions);
  EXPECT_EQ(bounded.Top(), unbounded.Top());
}

}  // namespace
}  // namespace tagswell
