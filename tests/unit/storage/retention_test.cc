// What retention drops, what it must not, and what it leaves behind.
#include "storage/retention.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <thread>

#include "storage/database.h"
#include "storage/meta_keys.h"
#include "tests/unit/storage/save_state.h"
#include "tests/unit/storage/scratch_dir.h"
#include "tests/unit/storage/short_lived_store.h"

namespace tagswell {
namespace {

Minute OnDay(int day) {
  return kNoon + day * kDay;
}

// A block of five posts fills a stretch.
void SayDay(Store& store, int day) {
  std::vector<SamplePost> posts;
  for (int i = 0; i < 5; ++i) posts.push_back({.id = std::to_string(day * 5 + i), .minute = OnDay(day)});
  AppendAndIndex(store, posts, StartOf(OnDay(day)));
}

TEST(Retention, DropsNothingThatAFoldMayNeed) {
  const ScratchDir scratch;
  const auto store = OpenStore(ShortLived(scratch / "store"));
  for (int day = 0; day < 20; ++day) SayDay(*store, day);
  EXPECT_EQ(store->DropExpired(StartOf(OnDay(99)))->posts, 0U);  // without a state all is folded
  ASSERT_TRUE(SaveState(store->checkpoints(), BlockSeq{3}, "a state").has_value());
  EXPECT_EQ(store->DropExpired(StartOf(OnDay(99)))->posts, 15U);
  EXPECT_EQ(store->log().FirstSeq(), BlockSeq{4});
  EXPECT_GE(store->history().FlushedUpTo(), BlockSeq{3});
  // The older of two may still be needed.
  ASSERT_TRUE(SaveState(store->checkpoints(), BlockSeq{20}, "the newest").has_value());
  EXPECT_EQ(store->DropExpired(StartOf(OnDay(99)))->posts, 0U);
}

TEST(Retention, KeepsTheLastBlockHoweverOld) {
  const ScratchDir scratch;
  const StoreOptions options = ShortLived(scratch / "store");
  auto store = OpenStore(options);
  for (int day = 0; day < 4; ++day) SayDay(*store, day);
  for (int i = 0; i < 3; ++i) CheckpointAndDrop(*store, OnDay(999));
  EXPECT_EQ(store->log().FirstSeq(), BlockSeq{4});
  store.reset();
  store = OpenStore(options);
  EXPECT_EQ(store->log().LastSeq(), BlockSeq{4});
  EXPECT_EQ(store->log().PostCount(), 20U);
  SayDay(*store, 4);
  EXPECT_TRUE(Holds(*store, "20"));
  EXPECT_EQ(*store->log().PostsThrough(BlockSeq{2}), 15U);
  EXPECT_EQ(*store->log().PostsThrough(BlockSeq{5}), 25U);
}

TEST(Retention, TakesAnOldPostForTheSameAsLongAsDuplicatesArePromised) {
  const ScratchDir scratch;
  const StoreOptions options = ShortLived(scratch / "store");
  auto store = OpenStore(options);
  for (int day = 0; day <= 20; ++day) SayDay(*store, day);
  for (int i = 0; i < 3; ++i) CheckpointAndDrop(*store, OnDay(20));
  const BlockSeq first = store->log().FirstSeq();
  EXPECT_EQ(first, BlockSeq{14});  // of day 13
  for (int restart = 0; restart < 2; ++restart) {
    for (int day = 13; day <= 20; ++day) {
      EXPECT_EQ(AppendAndIndex(*store, {{.id = std::to_string(day * 5)}}, StartOf(OnDay(20))).block, nullptr) << day;
    }
    EXPECT_NE(AppendAndIndex(*store, {{.id = std::to_string(restart)}}, StartOf(OnDay(20))).block, nullptr);
    EXPECT_TRUE(Holds(*store, std::to_string(restart)));
    store.reset();
    store = OpenStore(options);
  }
}

TEST(Retention, KeepsWhatOperatorsSaid) {
  const ScratchDir scratch;
  const StoreOptions options = ShortLived(scratch / "store");
  auto store = OpenStore(options);
  const BlockChange change{.topic = "rain", .at = StartOf(kNoon), .by = "ops"};
  const AliasChange alias{.topic = "wet", .tags = {"rain"}, .phrases = {}, .at = StartOf(kNoon), .by = "ops"};
  for (int day = 0; day < 20; ++day) {
    SayDay(*store, day);
    if (day != 1) continue;
    for (const auto& block : {store->log().AppendControl({&change, 1}, StartOf(OnDay(day))),
                              store->log().AppendControl(alias, StartOf(OnDay(day)))}) {
      ASSERT_TRUE(block && store->IndexBlock(**block));
    }
  }
  for (int i = 0; i < 3; ++i) CheckpointAndDrop(*store, OnDay(20));
  const BlockSeq first = store->log().FirstSeq();
  ASSERT_GT(first, BlockSeq{5});
  for (int restart = 0; restart < 2; ++restart) {
    std::vector<BlockSeq> before;
    ASSERT_TRUE(store->log().Read(BlockSeq{1}, [&](const LogBlock& block) {
      if (block.seq < first) before.push_back(block.seq);
      return true;
    }));
    EXPECT_EQ(before, (std::vector{BlockSeq{3}, BlockSeq{4}}));
    EXPECT_EQ(store->groups()->all().size(), 1U);
    EXPECT_TRUE(store->log().Block(BlockSeq{4}).has_value());
    EXPECT_EQ(store->log().Block(BlockSeq{2}).error().code, "not_found");
    EXPECT_EQ(IdsOf(*store, std::string(store->groups()->KeyOf("wet"))), IdsOf(*store, "rain"));
    store.reset();
    EXPECT_EQ(Damage(options.dir), std::vector<std::string>());
    store = OpenStore(options);
  }
}

// A post that was taken back may be dropped while its retraction stays.
TEST(Retention, ForgetsTheMarksOfWhatIsGone) {
  const ScratchDir scratch;
  const StoreOptions options = ShortLived(scratch / "store");
  auto store = OpenStore(options);
  for (int day = 0; day < 20; ++day) SayDay(*store, day);
  ASSERT_TRUE(SaveState(store->checkpoints(), BlockSeq{20}, "a state").has_value());
  const auto block = store->log().AppendRetraction({BlockSeq{1}, 2}, StartOf(OnDay(20)));
  ASSERT_TRUE(block && store->IndexBlock(**block));
  ASSERT_TRUE(store->history().Flush().has_value());
  EXPECT_GT(store->DropExpired(StartOf(OnDay(20)))->posts, 0U);
  ASSERT_EQ(store->log().PendingErasures()->size(), 1U);
  SayDay(*store, 20);
  CheckpointAndDrop(*store, OnDay(20));
  SayDay(*store, 21);
  CheckpointAndDrop(*store, OnDay(21));
  EXPECT_TRUE(store->log().PendingErasures()->empty());
  store.reset();
  EXPECT_EQ(Damage(options.dir), std::vector<std::string>());
  auto database = Database::Open(SmallStore(options.dir));
  EXPECT_FALSE((*database)->Get(Family::kMeta, PositionKey(kRetractedPrefix, {BlockSeq{1}, 2}))->has_value());
}

TEST(Retention, LeavesNoRowOfTheDroppedBehindWhenFilesAreCompacted) {
  const ScratchDir scratch;
  const StoreOptions options = ShortLived(scratch / "store");
  {
    const auto store = OpenStore(options);
    for (int day = 0; day < 20; ++day) {
      SayDay(*store, day);
      TrendRow row;
      row.state.topic = "rain";
      row.state.scope = "world";
      store->boards().Add("world", OnDay(day), std::vector{row});
    }
    ASSERT_TRUE(store->boards().Write().has_value());
    CheckpointAndDrop(*store, OnDay(20));
    EXPECT_EQ(store->boards().Start(), OnDay(18));
    EXPECT_TRUE(store->boards().At("world", OnDay(17))->empty());
    EXPECT_EQ(store->boards().At("world", OnDay(18))->size(), 1U);
    CheckpointAndDrop(*store, OnDay(20));
    EXPECT_EQ(store->log().FirstSeq(), BlockSeq{14});
  }
  OpenStore(options).reset();
  auto database = Database::Open(options);
  PostIndex index(**database, options);
  ASSERT_TRUE(index.Open().has_value());
  BoardLog boards(**database);
  ASSERT_TRUE(boards.Open().has_value());
  const auto rows = [&](Family family) {
    rocksdb::CompactRangeOptions every;
    every.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    EXPECT_TRUE((*database)->db().CompactRange(every, (*database)->family(family), nullptr, nullptr).ok());
    std::size_t count = 0;
    const std::unique_ptr<rocksdb::Iterator> it((*database)->db().NewIterator({}, (*database)->family(family)));
    for (it->SeekToFirst(); it->Valid(); it->Next()) ++count;
    return count;
  };
  EXPECT_EQ(rows(Family::kTopics), 7U);  // a row a stretch, of days 13 to 19
  EXPECT_EQ(rows(Family::kBoards), 3U);  // of days 18 and 19, and how far they go
}

// The process dies at any moment of dropping, while another thread reads.
TEST(Retention, LeavesAReadableStoreWhereverTheProcessDies) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  constexpr const char* kFolder = "TAGSWELL_TEST_STORE";
  std::optional<ScratchDir> scratch;
  if (std::getenv(kFolder) == nullptr) {
    scratch.emplace();
    setenv(kFolder, (*scratch / "store").c_str(), 1);
  }
  const StoreOptions options = ShortLived(std::getenv(kFolder));
  constexpr int kRounds = 6;
  constexpr int kDaysARound = 30;
  for (int round = 0; round < kRounds; ++round) {
    EXPECT_EXIT(
        {
          const auto dying = OpenStore(options);
          const BlockSeq begun = dying->log().FirstSeq();
          std::thread([&] {
            for (int day = round * kDaysARound; day < (round + 2) * kDaysARound; ++day) {
              SayDay(*dying, day);
              CheckpointAndDrop(*dying, OnDay(day));
            }
          }).detach();
          // Dies when the log has lost a few days more, wherever the writer is then; each look on the way is whole.
          while (static_cast<std::uint64_t>(dying->log().FirstSeq()) < static_cast<std::uint64_t>(begun) + 9) {
            EXPECT_TRUE(dying->log().Read(BlockSeq{1}, [](const LogBlock&) { return true; }).has_value());
            EXPECT_TRUE(dying->log().PostsOf("rain", std::nullopt, 100).has_value());
          }
          _exit(testing::Test::HasFailure() ? 1 : 0);
        },
        testing::ExitedWithCode(0), "");
    const auto store = OpenStore(options);
    ASSERT_NE(store, nullptr);
    std::size_t blocks = 0;
    std::vector<std::string> ids;
    ASSERT_TRUE(store->log().Read(BlockSeq{1}, [&](const LogBlock& block) {
      ++blocks;
      Record record;
      for (std::uint32_t i = 0; i < block.size(); ++i) {
        if (DecodeRecord(block.RecordAt(i), record)) ids.emplace_back(record.post.id);
      }
      return true;
    }));
    EXPECT_EQ(BlockSeq{static_cast<std::uint64_t>(store->log().FirstSeq()) + blocks}, Next(store->log().LastSeq()));
    EXPECT_EQ(FirstIdsOf(*store, "rain"), ids);
  }
  EXPECT_EQ(Damage(options.dir), std::vector<std::string>());
  unsetenv(kFolder);
}

}  // namespace
}  // namespace tagswell
