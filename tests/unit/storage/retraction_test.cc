#include <gtest/gtest.h>

#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/save_state.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

Position PositionOf(Store& store, const std::string& id) {
  const auto found = store.log().Find(KeyOfSample(id));
  return found && *found ? (*found)->position : Position{};
}

std::shared_ptr<const LogBlock> Retract(Store& store, const std::string& id) {
  const auto block = store.log().AppendRetraction(PositionOf(store, id), StartOf(kNoon));
  EXPECT_TRUE(block.has_value());
  if (!block) return nullptr;
  EXPECT_TRUE(store.IndexBlock(**block).has_value());
  return *block;
}

// Young and in files alike, before and after a restart.
class Retraction : public testing::TestWithParam<std::uint32_t> {
 protected:
  Retraction() : options_(SmallStore(scratch_ / "store")) {
    options_.stretch_posts = GetParam();
    store_ = OpenStore(options_);
  }
  void Restart() {
    store_.reset();
    store_ = OpenStore(options_);
  }
  std::uint64_t PostsOfRain() {
    const auto top = store_->history().Top("world", kNoon, kNoon + 1, TopBy::kPosts, 10);
    return top && !top->empty() ? top->front().posts : 0;
  }
  bool TextIsOnDisk(const std::string& id) {
    bool found = false;
    EXPECT_TRUE(store_->log().Read(BlockSeq{1}, [&](const LogBlock& block) {
      found |= block.records.find(SampleText({.id = id})) != std::string::npos;
      return true;
    }));
    return found;
  }

  const ScratchDir scratch_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

TEST_P(Retraction, TakesThePostOutOfEveryAnswer) {
  AppendAndIndex(*store_, {{.id = "a"}, {.id = "b"}, {.id = "c"}});
  const Position position = PositionOf(*store_, "b");
  const auto block = Retract(*store_, "b");
  ASSERT_NE(block, nullptr);
  Record record;
  ASSERT_TRUE(DecodeRecord(block->RecordAt(0), record).has_value());
  EXPECT_EQ(record.kind, RecordKind::kRetraction);
  EXPECT_EQ(record.post.id, "b");
  EXPECT_FALSE(record.post.text.empty());
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_TRUE(Holds(*store_, "a"));
    EXPECT_FALSE(Holds(*store_, "b"));
    EXPECT_FALSE(store_->log().At(position)->has_value());
    EXPECT_EQ(store_->log().PostsOf("rain", std::nullopt, 2)->size(), 2U);
    EXPECT_EQ(PostsOfRain(), 2U);
    EXPECT_EQ(store_->log().AppendRetraction(position, StartOf(kNoon)).error().code, "not_found");
    Restart();
  }
}

TEST_P(Retraction, LetsTheSameIdComeAgainAsANewPost) {
  AppendAndIndex(*store_, {{.id = "a"}, {.id = "b"}});
  Retract(*store_, "b");
  EXPECT_NE(AppendAndIndex(*store_, {{.id = "b"}}).block, nullptr);
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_TRUE(Holds(*store_, "b"));
    EXPECT_EQ(AppendAndIndex(*store_, {{.id = "b"}}).block, nullptr);
    EXPECT_EQ(PostsOfRain(), 2U);
    Restart();
  }
  Retract(*store_, "b");
  Restart();
  EXPECT_FALSE(Holds(*store_, "b"));
  EXPECT_NE(AppendAndIndex(*store_, {{.id = "b"}}).block, nullptr);
}

TEST_P(Retraction, LeavesThePostToAFoldThatHasNotComeThere) {
  AppendAndIndex(*store_, {{.id = "a"}, {.id = "b"}});
  AppendAndIndex(*store_, {{.id = "c"}});
  Retract(*store_, "b");  // in block 3
  const Position b{BlockSeq{1}, 1};
  for (int restart = 0; restart < 2; ++restart) {
    const auto before = store_->log().At(b, BlockSeq{2});
    ASSERT_TRUE(before && *before);
    EXPECT_EQ((*before)->record.post.id, "b");
    EXPECT_FALSE(store_->log().At(b, BlockSeq{3})->has_value());
    EXPECT_FALSE(store_->log().At(b)->has_value());
    Restart();
  }
}

TEST_P(Retraction, ErasesTheBytesOnceEveryCheckpointHasPassed) {
  AppendAndIndex(*store_, {{.id = "a"}, {.id = "b"}});
  ASSERT_TRUE(SaveState(store_->checkpoints(), BlockSeq{1}, "before").has_value());
  Retract(*store_, "b");
  ASSERT_TRUE(store_->history().Flush().has_value());
  ASSERT_EQ(store_->log().PendingErasures()->size(), 1U);
  EXPECT_EQ(store_->log().PendingErasures()->front().post, (Position{BlockSeq{1}, 1}));
  EXPECT_EQ(store_->EraseRetracted(), 0U);  // a fold from the checkpoint would miss the post
  EXPECT_TRUE(TextIsOnDisk("b"));

  ASSERT_TRUE(SaveState(store_->checkpoints(), BlockSeq{2}, "after").has_value());
  EXPECT_EQ(store_->EraseRetracted(), 0U);  // the older one may still be needed
  AppendAndIndex(*store_, {{.id = "c"}});
  ASSERT_TRUE(SaveState(store_->checkpoints(), BlockSeq{3}, "later").has_value());
  Restart();
  EXPECT_EQ(store_->EraseRetracted(), 1U);
  EXPECT_EQ(store_->EraseRetracted(), 0U);
  EXPECT_FALSE(TextIsOnDisk("b"));
  EXPECT_TRUE(TextIsOnDisk("a"));
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_TRUE(Holds(*store_, "a"));
    EXPECT_FALSE(Holds(*store_, "b"));
    EXPECT_EQ(PostsOfRain(), 2U);
    EXPECT_EQ(store_->log().PostCount(), 3U);
    Restart();
  }
  EXPECT_NE(AppendAndIndex(*store_, {{.id = "b"}}).block, nullptr);
}

INSTANTIATE_TEST_SUITE_P(YoungAndInFiles, Retraction, testing::Values(1, 2, 1000));

}  // namespace
}  // namespace tagswell
