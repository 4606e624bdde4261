// Groups of tags and phrases as the index and the history hold them: against an oracle over seeded random histories,
// with stretches of a few posts, posts that are taken back and erased, and restarts at any step.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/save_state.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

const std::vector<std::string> kTags = {"rain", "snow", "hail", "fog"};

struct Group {
  std::vector<std::string> tags;
  std::vector<std::string> phrases;
};

class Play {
 public:
  Play(unsigned seed, const std::filesystem::path& dir) : draw_(seed), options_(SmallStore(dir)) {
    options_.stretch_posts = 1 + Draw(12);
    options_.history_rows_pending_max = 1 + Draw(60);
    store_ = OpenStore(options_);
  }

  void Step() {
    switch (Draw(6)) {
      case 0:
        return TakeBack();
      case 1:
        return Regroup();
      case 2:
        // Everything is erased that may be.
        ASSERT_TRUE(SaveState(store_->checkpoints(), store_->log().LastSeq(), "state"));
        ASSERT_TRUE(SaveState(store_->checkpoints(), store_->log().LastSeq(), "state"));
        ASSERT_TRUE(store_->EraseRetracted());
        return;
      case 3:
        store_.reset();
        store_ = OpenStore(options_);
        return;
      default:
        return Say();
    }
  }

  void Compare() {
    const auto groups = store_->groups();
    std::map<std::string, std::set<std::string>> ids;
    std::map<std::string, std::set<std::string>> authors;
    for (const SamplePost& post : posts_) {
      for (const std::string& topic : TopicsOf(post)) {
        ids[topic].insert(post.id);
        authors[topic].insert(post.author);
      }
    }
    const auto top = store_->history().Top("world", kNoon, kNoon + 120, TopBy::kPosts, 100,
                                           {.accepts = [&](std::string_view key) { return groups->Shows(key); }});
    ASSERT_TRUE(top);
    ASSERT_EQ(top->size(), ids.size());
    for (const TopRow& row : *top) {
      ASSERT_EQ(row.posts, ids[row.topic].size()) << row.topic;
      ASSERT_EQ(row.authors, authors[row.topic].size()) << row.topic;
    }
    for (const auto& [topic, wanted] : ids) {
      const auto found = store_->log().PostsOf(groups->KeyOf(topic), std::nullopt, 10'000);
      ASSERT_TRUE(found);
      std::set<std::string> listed;
      for (const StoredPost& post : *found) listed.emplace(post.record.post.id);
      ASSERT_EQ(listed, wanted) << topic;
      ASSERT_EQ(found->size(), wanted.size()) << topic;
      ASSERT_TRUE(std::ranges::is_sorted(*found, std::ranges::greater(), &StoredPost::position));
    }
  }

 private:
  unsigned Draw(unsigned below) { return static_cast<unsigned>(draw_() % below); }

  // Every text of a sample holds its id: the phrase "of ID" is in one post.
  static bool Says(const SamplePost& post, const std::string& phrase) { return phrase == "of " + post.id; }

  std::set<std::string> TopicsOf(const SamplePost& post) const {
    std::set<std::string> topics(post.topics.begin(), post.topics.end());
    for (const auto& [topic, group] : groups_) {
      topics.erase(topic);
      for (const std::string& tag : group.tags) topics.erase(tag);
    }
    for (const auto& [topic, group] : groups_) {
      const bool tagged = std::ranges::any_of(post.topics, [&](const std::string& tag) {
        return tag == topic || std::ranges::find(group.tags, tag) != group.tags.end();
      });
      if (tagged || std::ranges::any_of(group.phrases, [&](const std::string& p) { return Says(post, p); }))
        topics.insert(topic);
    }
    return topics;
  }

  void Say() {
    std::vector<SamplePost> batch;
    for (unsigned left = 1 + Draw(5); left > 0; --left) {
      SamplePost post{.id = "p" + std::to_string(++ids_), .author = "a" + std::to_string(Draw(9)), .topics = {}};
      post.minute = kNoon + static_cast<int>(Draw(120));
      for (const std::string& tag : kTags) {
        if (Draw(3) == 0) post.topics.push_back(tag);
      }
      batch.push_back(post);
      posts_.push_back(post);
    }
    AppendAndIndex(*store_, batch);
  }

  void TakeBack() {
    if (posts_.empty()) return;
    const auto gone = posts_.begin() + Draw(static_cast<unsigned>(posts_.size()));
    const auto found = store_->log().Find(KeyOfSample(gone->id));
    ASSERT_TRUE(found && *found);
    const auto block = store_->log().AppendRetraction((*found)->position, StartOf(kNoon));
    ASSERT_TRUE(block);
    ASSERT_TRUE(store_->IndexBlock(**block));
    posts_.erase(gone);
  }

  void Regroup() {
    const std::string topic = Draw(2) == 0 ? "rain" : "weather";
    const bool removed = groups_.contains(topic) && Draw(2) == 0;
    Group group;
    if (!removed) {
      const auto taken = [&](const std::string& tag) {
        return std::ranges::any_of(groups_, [&](const auto& of) {
          return of.first != topic &&
                 (of.first == tag || std::ranges::find(of.second.tags, tag) != of.second.tags.end());
        });
      };
      if (taken(topic)) return;
      for (const std::string& tag : kTags) {
        if (Draw(3) == 0 && !taken(tag)) group.tags.push_back(tag);
      }
      // Of a post that is there, was there, or will be.
      if (topic == "weather" && Draw(2) == 0) group.phrases.push_back("of p" + std::to_string(1 + Draw(ids_ + 5)));
      if (group.tags.empty() && group.phrases.empty()) return;
    }
    AliasChange change{.topic = topic, .removed = removed, .at = StartOf(kNoon), .by = ""};
    change.tags.assign(group.tags.begin(), group.tags.end());
    change.phrases.assign(group.phrases.begin(), group.phrases.end());
    const auto block = store_->log().AppendControl(change, StartOf(kNoon));
    ASSERT_TRUE(block);
    groups_.erase(topic);
    if (!removed) groups_[topic] = group;
    // A crash may come between the log and the indexer.
    if (Draw(3) == 0) {
      store_.reset();
      store_ = OpenStore(options_);
    } else {
      ASSERT_TRUE(store_->IndexBlock(**block));
    }
  }

  std::mt19937 draw_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
  std::vector<SamplePost> posts_;
  std::map<std::string, Group> groups_;
  unsigned ids_ = 0;
};

TEST(GroupPast, EqualsAnOracleWhateverIsGroupedWhen) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const ScratchDir scratch;
    Play play(seed, scratch / "store");
    for (int step = 0; step < 60; ++step) {
      play.Step();
      if (!testing::Test::HasFatalFailure()) play.Compare();
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace tagswell
