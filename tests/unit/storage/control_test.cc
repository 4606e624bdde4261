// Records that are no posts: they keep their place in the log, and everything that asks for posts passes them by.
#include <gtest/gtest.h>

#include "storage/block_format.h"
#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

constexpr Timestamp kSaid{std::chrono::seconds{1'508'098'905}};

TEST(Control, StandsInTheLogBetweenPostsAndOutlastsRestarts) {
  const ScratchDir scratch;
  const StoreOptions options = SmallStore(scratch / "store");
  auto store = OpenStore(options);
  AppendAndIndex(*store, {{.id = "a"}, {.id = "b"}});
  const BlockChange changes[] = {
      {.topic = "rain", .lifted = false, .configured = false, .at = kSaid, .by = "ops"},
      {.topic = "snow", .lifted = true, .configured = true, .at = kSaid, .by = ""},
  };
  const auto block = store->log().AppendControl(changes, StartOf(kNoon));
  ASSERT_TRUE(block.has_value());
  ASSERT_TRUE(store->IndexBlock(**block).has_value());
  AppendAndIndex(*store, {{.id = "c"}});
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(store->log().PostCount(), 3U);
    EXPECT_TRUE(Holds(*store, "b"));
    EXPECT_TRUE(Holds(*store, "c"));
    EXPECT_EQ(store->log().PostsOf("rain", std::nullopt, 10)->size(), 3U);
    EXPECT_FALSE(store->log().At({(*block)->seq, 0})->has_value());
    const auto top = store->history().Top("world", kNoon, kNoon + 1, TopBy::kPosts, 10);
    ASSERT_TRUE(top && !top->empty());
    EXPECT_EQ(top->front().posts, 3U);
    const auto again = store->log().Block((*block)->seq);
    ASSERT_TRUE(again.has_value());
    ASSERT_EQ((*again)->size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
      Record record;
      ASSERT_TRUE(DecodeRecord((*again)->RecordAt(i), record).has_value());
      EXPECT_EQ(record.kind, RecordKind::kControl);
      EXPECT_EQ(record.change.topic, changes[i].topic);
      EXPECT_EQ(record.change.lifted, changes[i].lifted);
      EXPECT_EQ(record.change.by, changes[i].by);
    }
    // With nothing but the log: the indexes are folded anew.
    store.reset();
    store = OpenStore(options);
  }
}

// It is for the engine alone: the folds of posts pass it by.
TEST(Control, OfReviewsStandsInTheLogWithItsAuditEntry) {
  const ScratchDir scratch;
  const StoreOptions options = SmallStore(scratch / "store");
  auto store = OpenStore(options);
  AppendAndIndex(*store, {{.id = "a"}});
  const AuditEntry entry{.at = kSaid, .by = "ops", .remote = "here", .action = "approve", .subject = "rain"};
  const ReviewChange change{.word = ReviewWord::kApproved, .topic = "rain", .at = kSaid, .by = "ops"};
  const auto block = store->log().AppendControl(change, StartOf(kNoon), {&entry, 1});
  ASSERT_TRUE(block.has_value());
  ASSERT_TRUE(store->IndexBlock(**block).has_value());
  AppendAndIndex(*store, {{.id = "b"}});
  const BlockSeq seq = (*block)->seq;
  store.reset();
  store = OpenStore(options);
  EXPECT_EQ(store->log().PostsOf("rain", std::nullopt, 10)->size(), 2U);
  Record record;
  ASSERT_TRUE(DecodeRecord((*store->log().Block(seq))->RecordAt(0), record).has_value());
  ASSERT_TRUE(record.review);
  EXPECT_EQ(record.review->topic, "rain");
  const auto audit = store->audit().Read(0, 10);
  ASSERT_TRUE(audit && audit->size() == 1);
  EXPECT_EQ(audit->front().entry.action, "approve");
}

// A block of many records is packed by columns, which are made for posts.
TEST(Control, PassesThroughABlockOfManyRecords) {
  LogBlock block{.seq = BlockSeq{7}, .clock = kSaid, .records = {}, .ends = {}};
  for (int i = 0; i < 40; ++i) {
    const std::string topic = "topic" + std::to_string(i);
    EncodeControl(BlockChange{.topic = topic, .lifted = false, .configured = true, .at = kSaid, .by = ""},
                  block.records);
    block.ends.push_back(static_cast<std::uint32_t>(block.records.size()));
  }
  std::string bytes;
  EncodeBlock(block, {.posts = 0, .posts_before = 0}, bytes);
  const auto decoded = DecodeBlock(block.seq, bytes);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->records, block.records);
  EXPECT_EQ(decoded->ends, block.ends);
}

}  // namespace
}  // namespace tagswell
