// Groups that are made and let go while the engine runs: against an oracle that counts everything again, over seeded
// streams, with changes at any place and engines that are saved and loaded in between.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/trend/saved.h"
#include "trend/engine.h"

namespace tagswell {
namespace {

constexpr Timestamp kStart{std::chrono::seconds{1'508'025'600}};
constexpr std::string_view kTags[] = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta"};
constexpr std::string_view kPhrases[] = {"red fish", "blue fish"};

struct Said {
  std::string id;
  std::string author;
  std::string text;
  Timestamp at;
  std::vector<std::string_view> tags;
  std::uint64_t block = 0;

  Post View() const {
    Post post{.id = id, .source = "test", .author = author, .created_at = at, .text = text};
    for (const std::string_view tag : tags) post.mentions.push_back({.topic = tag, .spelling = tag});
    return post;
  }
};

struct Group {
  std::vector<std::string_view> tags;
  std::vector<std::string_view> phrases;
};
using Groups = std::map<std::string, Group, std::less<>>;

bool Holds(const Group& group, std::string_view topic, const Said& said) {
  for (const std::string_view tag : said.tags) {
    if (tag == topic || std::ranges::find(group.tags, tag) != group.tags.end()) return true;
  }
  return std::ranges::any_of(group.phrases,
                             [&](std::string_view phrase) { return said.text.find(phrase) != std::string::npos; });
}

std::set<std::string> TopicsOf(const Groups& groups, const Said& said) {
  std::set<std::string> topics(said.tags.begin(), said.tags.end());
  for (const auto& [topic, group] : groups) {
    topics.erase(topic);
    for (const std::string_view tag : group.tags) topics.erase(std::string(tag));
  }
  for (const auto& [topic, group] : groups) {
    if (Holds(group, topic, said)) topics.insert(topic);
  }
  return topics;
}

class Play {
 public:
  explicit Play(unsigned seed) : draw_(seed), engine_(std::make_unique<Engine>(EngineOptions{})) {}

  void Step() {
    for (unsigned left = Draw(80); left > 0; --left) Say();
    if (!log_.empty() && Draw(3) == 0) TakeBack();
    if (Draw(2) == 0) Regroup();
    if (Draw(4) == 0) {
      const std::string bytes = Saved(*engine_);
      engine_ = std::make_unique<Engine>(EngineOptions{});
      ASSERT_TRUE(engine_->Load(bytes).has_value());
    }
    Compare();
  }

 private:
  unsigned Draw(unsigned below) { return static_cast<unsigned>(draw_() % below); }

  void Say() {
    Said said;
    now_ += std::chrono::seconds(Draw(200));
    said.at = now_ - std::chrono::seconds(Draw(8) == 0 ? Draw(7'200) : 0);  // some come late
    said.id = std::to_string(++ids_);
    said.author = "a" + std::to_string(Draw(30));
    for (const std::string_view tag : kTags) {
      if (Draw(5) == 0) said.tags.push_back(tag);
    }
    said.text = "post " + said.id;
    if (Draw(5) == 0) said.text += " says " + std::string(kPhrases[Draw(2)]);
    said.block = ++block_;
    engine_->Add(said.View(), {said.block, 0});
    log_.push_back(std::move(said));
  }

  void TakeBack() {
    const auto gone = log_.begin() + Draw(static_cast<unsigned>(log_.size()));
    any_gone_ = true;
    engine_->Retract(gone->View());
    log_.erase(gone);
    ++block_;
  }

  void Regroup() {
    const std::string topic = Draw(2) == 0 ? "alpha" : "letters";
    Group group;
    if (groups_.contains(topic) && Draw(2) == 0) {
      groups_.erase(topic);
      engine_->Apply({.topic = topic, .removed = true, .at = now_, .by = ""}, ++block_, {});
      return;
    }
    const auto taken = [&](std::string_view tag) {
      return std::ranges::any_of(groups_, [&](const auto& of) {
        return of.first != topic && (of.first == tag || std::ranges::find(of.second.tags, tag) != of.second.tags.end());
      });
    };
    if (taken(topic)) return;
    for (const std::string_view tag : kTags) {
      if (Draw(3) == 0 && !taken(tag)) group.tags.push_back(tag);
    }
    if (topic == "letters") group.phrases.push_back(kPhrases[Draw(2)]);
    if (group.tags.empty() && group.phrases.empty()) return;
    groups_[topic] = group;
    ++block_;
    engine_->Apply({.topic = topic, .tags = group.tags, .phrases = group.phrases, .at = now_, .by = ""}, block_,
                   [this](std::uint64_t from, const Engine::PastVisit& visit) {
                     for (const Said& said : log_) {
                       if (said.block >= from) visit(said.View(), false, {said.block, 0});
                     }
                   });
  }

  void Compare() {
    for (const Window window : {Window::k1h, Window::k24h}) {
      const Minute begin = engine_->TopEnd() - MinutesOf(window);
      std::map<std::string, std::pair<std::uint64_t, std::set<std::string>>> wanted;
      for (const Said& said : log_) {
        if (MinuteOf(said.at) < begin) continue;
        for (const std::string& topic : TopicsOf(groups_, said)) {
          ++wanted[topic].first;
          wanted[topic].second.insert(said.author);
        }
      }
      std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> found;
      for (const TopTopic& row : engine_->Top(kWorld, window, TopOrder::kPosts, 100))
        found[row.topic] = {row.posts, row.authors};
      ASSERT_EQ(found.size(), wanted.size());
      for (const auto& [topic, counts] : wanted) {
        ASSERT_EQ(found[topic].first, counts.first) << topic;
        // The authors of posts that were taken back may be known still.
        if (!any_gone_) {
          ASSERT_EQ(found[topic].second, counts.second.size()) << topic;
        }
        const auto windows = engine_->Windows(topic, kWorld);
        ASSERT_TRUE(windows);
      }
    }
    ASSERT_EQ(engine_->Stats().posts, log_.size());
  }

  std::mt19937 draw_;
  std::unique_ptr<Engine> engine_;
  Groups groups_;
  std::vector<Said> log_;
  bool any_gone_ = false;
  Timestamp now_ = kStart;
  std::uint64_t ids_ = 0;
  std::uint64_t block_ = 0;
};

TEST(EngineAliases, EqualAnOracleWhateverIsGroupedWhen) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Play play(seed);
    for (int step = 0; step < 40; ++step) {
      play.Step();
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(EngineAliases, CountNoPostTwiceInTheFiguresOfTheWhole) {
  Engine engine(EngineOptions{});
  engine.Apply({.topic = "letters", .tags = {"alpha", "beta"}, .at = kStart, .by = ""}, 1, {});
  const Said said{.id = "1", .author = "a", .text = "", .at = kStart, .tags = {"alpha", "beta"}, .block = 2};
  engine.Add(said.View(), {2, 0});
  EXPECT_EQ(engine.Stats().mentions, 2U);
  EXPECT_EQ(engine.Stats().topics_seen, 2U);
  engine.Retract(said.View());
  EXPECT_EQ(engine.Stats().mentions, 0U);
  EXPECT_EQ(engine.Stats().posts_with_topic, 0U);
}

}  // namespace
}  // namespace tagswell
