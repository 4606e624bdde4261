#include "storage/post_log.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

TEST(PostLog, WritesWhatIsNewAndNamesWhatIsNot) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  const PostBatch first = BatchOf({{.id = "a"}, {.id = "b"}, {.id = "a"}});
  const PostBatch second = BatchOf({{.id = "b"}, {.id = "c"}});
  const PostBatch* const batches[] = {&first, &second};
  const auto appended = store->log().Append(batches, StartOf(kNoon));
  ASSERT_TRUE(appended.has_value());
  EXPECT_EQ(appended->duplicates, (std::vector<std::vector<std::uint32_t>>{{2}, {0}}));
  ASSERT_EQ(appended->block->size(), 3U);
  EXPECT_EQ(appended->block->RecordAt(2), second.RecordAt(1));
  EXPECT_EQ(store->log().PostCount(), 3U);

  const auto again = store->log().Append(batches, StartOf(kNoon));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->block, nullptr);
  EXPECT_EQ(again->duplicates[0].size() + again->duplicates[1].size(), 5U);
  EXPECT_EQ(store->log().LastSeq(), BlockSeq{1});
}

TEST(PostLog, WritesATickWhenThereIsNothingElse) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  const auto tick = store->log().Append({}, StartOf(kNoon));
  ASSERT_TRUE(tick.has_value());
  ASSERT_NE(tick->block, nullptr);
  EXPECT_EQ(tick->block->size(), 0U);
  EXPECT_EQ(tick->block->clock, StartOf(kNoon));
  // A clock that goes back is held.
  EXPECT_EQ(store->log().Append({}, kTimestampMin)->block->clock, StartOf(kNoon));
}

TEST(PostLog, KeepsEverythingAcrossARestart) {
  const ScratchDir scratch;
  const StoreOptions options = SmallStore(scratch / "store");
  auto store = OpenStore(options);
  const std::string epoch = store->epoch();
  for (int i = 0; i < 50; ++i) {
    AppendAndIndex(*store, {{.id = std::to_string(2 * i)}, {.id = std::to_string(2 * i + 1)}}, StartOf(kNoon + i));
  }
  store.reset();
  store = OpenStore(options);
  EXPECT_EQ(store->epoch(), epoch);
  EXPECT_EQ(store->log().LastSeq(), BlockSeq{50});
  EXPECT_EQ(store->log().LastClock(), StartOf(kNoon + 49));
  EXPECT_EQ(store->log().PostCount(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Holds(*store, std::to_string(i)));
  EXPECT_FALSE(Holds(*store, "100"));
  const Appended again = AppendAndIndex(*store, {{.id = "7"}, {.id = "new"}});
  EXPECT_EQ(again.duplicates[0], std::vector<std::uint32_t>{0});

  BlockSeq expected{1};
  const auto read = store->log().Read(BlockSeq{1}, [&](const LogBlock& block) {
    EXPECT_EQ(block.seq, expected);
    expected = Next(expected);
    return true;
  });
  EXPECT_TRUE(read.has_value());
  EXPECT_EQ(expected, BlockSeq{52});
}

TEST(PostLog, ReadsFromAnyBlockUntilToldToStop) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  for (int i = 0; i < 5; ++i) AppendAndIndex(*store, {{.id = std::to_string(i)}});
  std::vector<BlockSeq> seen;
  ASSERT_TRUE(store->log().Read(BlockSeq{3}, [&](const LogBlock& block) {
    seen.push_back(block.seq);
    return seen.size() < 2;
  }));
  EXPECT_EQ(seen, (std::vector<BlockSeq>{BlockSeq{3}, BlockSeq{4}}));
  EXPECT_EQ(store->log().Block(BlockSeq{6}).error().code, "not_found");
}

TEST(PostLog, ListsThePostsOfATopicNewestFirstPageByPage) {
  const ScratchDir scratch;
  StoreOptions options = SmallStore(scratch / "store");
  options.stretch_posts = 20;  // most of it in files
  const auto store = OpenStore(options);
  for (int i = 0; i < 100; ++i) {
    AppendAndIndex(*store, {{.id = std::to_string(i), .topics = {i % 2 == 0 ? "even" : "odd", "all"}}});
  }
  std::optional<Position> before;
  int expected = 98;
  for (;;) {
    const auto page = store->log().PostsOf("even", before, 7);
    ASSERT_TRUE(page.has_value()) << page.error().detail;
    for (const StoredPost& post : *page) {
      EXPECT_EQ(post.record.post.id, std::to_string(expected));
      expected -= 2;
    }
    if (page->size() < 7) break;
    before = page->back().position;
  }
  EXPECT_EQ(expected, -2);
  EXPECT_EQ(store->log().PostsOf("all", std::nullopt, 1000)->size(), 100U);
  EXPECT_TRUE(store->log().PostsOf("none", std::nullopt, 10)->empty());
  EXPECT_TRUE(store->log().PostsOf("eve", std::nullopt, 10)->empty());
}

TEST(PostLog, SyncsByItsPolicy) {
  const ScratchDir scratch;
  for (const FsyncPolicy policy : {FsyncPolicy::kAlways, FsyncPolicy::kInterval, FsyncPolicy::kNever}) {
    StoreOptions options = SmallStore(scratch / std::to_string(static_cast<int>(policy)));
    options.fsync = policy;
    int syncs = 0;
    options.on_sync = [&](double seconds) {
      ++syncs;
      EXPECT_GE(seconds, 0);
    };
    const auto store = OpenStore(options);
    int expected = syncs;
    AppendAndIndex(*store, {{.id = "a"}});
    expected += policy == FsyncPolicy::kAlways ? 1 : 0;
    EXPECT_EQ(syncs, expected);
    EXPECT_TRUE(store->log().SyncIfDue(StartOf(kNoon)).has_value());
    expected += policy == FsyncPolicy::kInterval ? 1 : 0;
    EXPECT_EQ(syncs, expected);
    EXPECT_TRUE(store->log().Sync().has_value());
    EXPECT_EQ(syncs, expected + 1);
    EXPECT_TRUE(Holds(*store, "a"));
  }
}

}  // namespace
}  // namespace tagswell
