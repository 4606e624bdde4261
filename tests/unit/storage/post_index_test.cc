#include "storage/post_index.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

TEST(PostIndex, AgreesWithANaiveMapOverRandomHistories) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const ScratchDir scratch;
    StoreOptions options = SmallStore(scratch / "store");
    options.stretch_posts = static_cast<std::uint32_t>(5 + random() % 40);
    auto store = OpenStore(options);
    std::map<std::string, Position> known;
    std::map<std::string, std::vector<Position>> by_topic;
    for (int step = 0; step < 60; ++step) {
      if (random() % 15 == 0) {
        store.reset();
        store = OpenStore(options);
      }
      if (random() % 6 == 0 && !known.empty()) {
        const auto gone = std::next(known.begin(), static_cast<std::ptrdiff_t>(random() % known.size()));
        const auto block = store->log().AppendRetraction(gone->second, StartOf(kNoon));
        ASSERT_TRUE(block.has_value());
        ASSERT_TRUE(store->IndexBlock(**block).has_value());
        for (auto& [topic, positions] : by_topic) std::erase(positions, gone->second);
        known.erase(gone);
        continue;
      }
      std::vector<SamplePost> posts;
      for (std::uint64_t i = random() % 12; i > 0; --i) {
        posts.push_back({.id = std::to_string(random() % 300), .topics = {"t" + std::to_string(random() % 4)}});
      }
      const Appended appended = AppendAndIndex(*store, posts);
      std::uint32_t index = 0;
      std::vector<std::uint32_t> duplicates;
      for (std::uint32_t i = 0; i < posts.size(); ++i) {
        if (known.contains(posts[i].id)) {
          duplicates.push_back(i);
          continue;
        }
        const Position position{.block = store->log().LastSeq(), .index = index++};
        known[posts[i].id] = position;
        by_topic[posts[i].topics[0]].push_back(position);
      }
      ASSERT_EQ(appended.duplicates[0], duplicates);
    }
    for (int id = 0; id < 300; ++id) {
      const auto found = store->log().Find(KeyOfSample(std::to_string(id)));
      ASSERT_TRUE(found.has_value());
      const auto expected = known.find(std::to_string(id));
      ASSERT_EQ(found->has_value(), expected != known.end()) << id;
      if (*found) {
        EXPECT_EQ((*found)->position, expected->second);
      }
    }
    for (const auto& [topic, positions] : by_topic) {
      const auto posts = store->log().PostsOf(topic, std::nullopt, 1000);
      ASSERT_TRUE(posts.has_value());
      std::vector<Position> newest_first;
      for (const StoredPost& post : *posts) newest_first.push_back(post.position);
      EXPECT_EQ(newest_first, std::vector<Position>(positions.rbegin(), positions.rend())) << topic;
      std::vector<Position> oldest_first;
      const auto all = store->log().FirstPostsOf(
          topic, {}, [&](Position position, const Post&) { oldest_first.push_back(position); });
      EXPECT_EQ(all, true);
      EXPECT_EQ(oldest_first, positions) << topic;
    }
  }
}

TEST(PostIndex, StopsAtTheFirstPostsAndSaysThatThereAreMore) {
  const ScratchDir scratch;
  StoreOptions options = SmallStore(scratch / "store");
  options.stretch_posts = 4;
  const auto store = OpenStore(options);
  for (int i = 0; i < 10; ++i) AppendAndIndex(*store, {{.id = std::to_string(i), .topics = {"t"}}});
  const auto first = [&](const ReadBounds& bounds) {
    std::vector<std::uint64_t> blocks;
    const auto all = store->log().FirstPostsOf("t", bounds, [&](Position position, const Post&) {
      blocks.push_back(static_cast<std::uint64_t>(position.block));
    });
    EXPECT_TRUE(all.has_value());
    return std::pair(blocks, all.value_or(false));
  };
  const std::uint64_t start = static_cast<std::uint64_t>(store->log().LastSeq()) - 9;
  using Blocks = std::vector<std::uint64_t>;
  EXPECT_EQ(first({.posts = 3}), std::pair(Blocks({start, start + 1, start + 2}), false));
  EXPECT_EQ(first({.posts = 6}).first.size(), 6U);  // from more than one stretch
  EXPECT_EQ(first({.posts = 9}).second, false);
  EXPECT_EQ(first({.posts = 10}).second, true);
  EXPECT_EQ(first({.blocks = 2}), std::pair(Blocks({start, start + 1}), false));
  EXPECT_EQ(first({.bytes = 1}), std::pair(Blocks({start}), false));  // a block is read whole
  EXPECT_EQ(first({.bytes = 1'000'000}).second, true);
}

TEST(PostIndex, ReadsOfALongBeginningWhereTheTopicStandsMost) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  for (int i = 0; i < 12; ++i) AppendAndIndex(*store, {{.id = "a" + std::to_string(i), .topics = {"t"}}});
  for (int i = 0; i < 4; ++i) {
    const std::string id = std::to_string(i);
    AppendAndIndex(*store, {{.id = "b" + id, .topics = {"t"}}, {.id = "c" + id, .topics = {"t"}}});
  }
  std::vector<std::uint64_t> blocks;
  const std::uint64_t start = static_cast<std::uint64_t>(store->log().LastSeq()) - 15;
  const auto all = store->log().FirstPostsOf("t", {.blocks = 8}, [&](Position position, const Post&) {
    blocks.push_back(static_cast<std::uint64_t>(position.block) - start);
  });
  EXPECT_EQ(all, false);
  EXPECT_EQ(blocks, (std::vector<std::uint64_t>{0, 1, 2, 3, 12, 12, 13, 13, 14, 14, 15, 15}));
}

TEST(PostIndex, StopsAskingBeyondTheHorizonAndStillFinds) {
  const ScratchDir scratch;
  StoreOptions options = SmallStore(scratch / "store");
  options.stretch_posts = 10;
  options.duplicate_horizon_posts = 20;
  auto store = OpenStore(options);
  AppendAndIndex(*store, {{.id = "old"}});
  for (int i = 0; i < 30; ++i) {
    std::vector<SamplePost> posts;
    for (int j = 0; j < 10; ++j) posts.push_back({.id = std::to_string(i * 10 + j)});
    AppendAndIndex(*store, posts);
  }
  EXPECT_TRUE(Holds(*store, "old"));
  EXPECT_EQ(AppendAndIndex(*store, {{.id = "299"}}).block, nullptr);
  store.reset();
  store = OpenStore(options);
  EXPECT_EQ(AppendAndIndex(*store, {{.id = "299"}}).block, nullptr);
  EXPECT_NE(AppendAndIndex(*store, {{.id = "old"}}).block, nullptr);
}

TEST(PostIndex, AnswersReadersWhileItIsWrittenAndBuilt) {
  const ScratchDir scratch;
  StoreOptions options = SmallStore(scratch / "store");
  options.stretch_posts = 50;
  const auto store = OpenStore(options);
  constexpr int kBlocks = 150;
  std::atomic<int> written{0};
  std::thread writer([&] {
    for (int i = 0; i < kBlocks; ++i) {
      std::vector<SamplePost> posts;
      for (int j = 0; j < 10; ++j) posts.push_back({.id = std::to_string(i * 10 + j)});
      AppendAndIndex(*store, posts);
      written = i + 1;
    }
  });
  std::mt19937 random(5);
  std::uint64_t posts_before = 0;
  while (written < kBlocks) {
    const int seen = written;
    if (seen == 0) continue;
    EXPECT_TRUE(Holds(*store, std::to_string(random() % static_cast<unsigned>(seen * 10))));
    const auto posts = store->log().PostsOf("rain", std::nullopt, 20);
    ASSERT_TRUE(posts.has_value());
    for (std::size_t i = 1; i < posts->size(); ++i) EXPECT_LT((*posts)[i].position, (*posts)[i - 1].position);
    const auto top = store->history().Top("world", kNoon, kNoon + 1, TopBy::kPosts, 1);
    ASSERT_TRUE(top.has_value());
    if (!top->empty()) {
      EXPECT_GE(top->front().posts, posts_before);
      posts_before = top->front().posts;
    }
  }
  writer.join();
}

}  // namespace
}  // namespace tagswell
