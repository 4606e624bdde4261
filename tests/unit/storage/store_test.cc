#include "storage/store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "storage/database.h"
#include "storage/meta_keys.h"
#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

std::string CodeOfOpening(const StoreOptions& options) {
  const auto store = Store::Open(options);
  return store ? "none" : store.error().code;
}

TEST(Store, KeepsTheSaltAndTheEpochItWasCreatedWith) {
  const ScratchDir scratch;
  StoreOptions options = SmallStore(scratch / "store");
  options.salt = HashSalt{42};
  const std::string epoch = OpenStore(options)->epoch();
  options.salt = HashSalt{43};
  const auto store = OpenStore(options);
  EXPECT_EQ(store->salt(), HashSalt{42});
  EXPECT_EQ(store->epoch(), epoch);
  EXPECT_EQ(epoch.size(), 16U);
  EXPECT_NE(OpenStore(SmallStore(scratch / "other"))->epoch(), epoch);
}

TEST(Store, SaysWhyItCannotBeOpened) {
  const ScratchDir scratch;
  EXPECT_EQ(CodeOfOpening(StoreOptions()), "bad_store_options");

  const auto held = OpenStore(SmallStore(scratch / "held"));
  EXPECT_EQ(CodeOfOpening(SmallStore(scratch / "held")), "store_locked");

  std::ofstream(scratch / "file") << "not a directory";
  EXPECT_EQ(CodeOfOpening(SmallStore(scratch / "file")), "store_unreadable");

  std::filesystem::create_directory(scratch / "home");
  std::ofstream(scratch / "home" / "letter.txt") << "dear";
  EXPECT_EQ(CodeOfOpening(SmallStore(scratch / "home")), "store_foreign");

  rocksdb::Options theirs;
  theirs.create_if_missing = true;
  theirs.create_missing_column_families = true;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(
      rocksdb::DB::Open(theirs, (scratch / "theirs").string(), {{"default", theirs}, {"orders", theirs}}, &handles, &db)
          .ok());
  for (auto* handle : handles) ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  delete db;
  EXPECT_EQ(CodeOfOpening(SmallStore(scratch / "theirs")), "store_foreign");

  OpenStore(SmallStore(scratch / "newer")).reset();
  {
    auto database = Database::Open(SmallStore(scratch / "newer"));
    rocksdb::WriteBatch batch;
    batch.Put((*database)->family(Family::kMeta), std::string(kFormatKey), "tagswell 99");
    ASSERT_TRUE((*database)->Write(batch, true).has_value());
  }
  EXPECT_EQ(CodeOfOpening(SmallStore(scratch / "newer")), "store_foreign");
}

// Sends ten new blocks, and before them the ten that the round before sent.
void SendRound(Store& store, int round) {
  for (int block = std::max(0, round - 1) * 10; block < (round + 1) * 10; ++block) {
    std::vector<SamplePost> posts;
    for (int i = 0; i < 13; ++i) posts.push_back({.id = std::to_string(block * 13 + i)});
    AppendAndIndex(store, posts);
  }
}

// Each round runs in a process of its own that dies with the store open: nothing is flushed or closed.
TEST(Store, LosesNothingAndDoublesNothingWhenTheProcessDies) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  // The process that dies runs this test from its start: it finds its parent's folder here.
  constexpr const char* kFolder = "TAGSWELL_TEST_STORE";
  std::optional<ScratchDir> scratch;
  if (std::getenv(kFolder) == nullptr) {
    scratch.emplace();
    setenv(kFolder, (*scratch / "store").c_str(), 1);
  }
  StoreOptions options = SmallStore(std::getenv(kFolder));
  options.stretch_posts = 70;
  options.history_rows_pending_max = 90;
  constexpr int kRounds = 5;
  for (int round = 0; round < kRounds; ++round) {
    EXPECT_EXIT(
        {
          const auto dying = OpenStore(options);
          SendRound(*dying, round);
          _exit(testing::Test::HasFailure() ? 1 : 0);
        },
        testing::ExitedWithCode(0), "");
  }
  unsetenv(kFolder);
  const auto store = OpenStore(options);
  EXPECT_EQ(store->log().PostCount(), kRounds * 130U);
  EXPECT_EQ(store->log().LastSeq(), BlockSeq{kRounds * 10});
  for (int i = 0; i < kRounds * 130; ++i) ASSERT_TRUE(Holds(*store, std::to_string(i))) << i;
  const auto top = store->history().Top("world", kNoon, kNoon + 1, TopBy::kPosts, 1);
  EXPECT_EQ(top->front().posts, kRounds * 130U);
  EXPECT_EQ(store->log().PostsOf("rain", std::nullopt, 10'000)->size(), kRounds * 130U);
}

TEST(Store, NoticesADamagedBlock) {
  const ScratchDir scratch;
  const StoreOptions options = SmallStore(scratch / "store");
  auto store = OpenStore(options);
  for (int i = 0; i < 5; ++i) AppendAndIndex(*store, {{.id = std::to_string(i)}});
  ASSERT_TRUE(store->history().Flush().has_value());
  store.reset();
  {
    auto database = Database::Open(options);
    auto bytes = (*database)->Get(Family::kLog, BlockKey(BlockSeq{3}));
    ASSERT_TRUE(bytes && *bytes);
    (**bytes).back() = static_cast<char>((**bytes).back() ^ 1);
    rocksdb::WriteBatch batch;
    batch.Put((*database)->family(Family::kLog), BlockKey(BlockSeq{3}), **bytes);
    ASSERT_TRUE((*database)->Write(batch, true).has_value());
  }
  const auto opened = Store::Open(options);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, "corrupt_block");
  EXPECT_NE(opened.error().detail.find("block 3"), std::string::npos) << opened.error().detail;
}

TEST(Store, MakesAConsistentCopyThatOpensAsAStore) {
  const ScratchDir scratch;
  StoreOptions options = SmallStore(scratch / "store");
  options.stretch_posts = 20;
  const auto store = OpenStore(options);
  for (int i = 0; i < 50; ++i) AppendAndIndex(*store, {{.id = std::to_string(i)}});
  ASSERT_TRUE(store->CheckpointTo(scratch / "copy").has_value());
  AppendAndIndex(*store, {{.id = "later"}});
  options.dir = scratch / "copy";
  const auto copy = OpenStore(options);
  EXPECT_EQ(copy->log().PostCount(), 50U);
  EXPECT_EQ(copy->epoch(), store->epoch());
  EXPECT_TRUE(Holds(*copy, "49"));
  EXPECT_FALSE(Holds(*copy, "later"));
  EXPECT_EQ(copy->history().Top("world", kNoon, kNoon + 1, TopBy::kPosts, 1)->front().posts, 50U);
}

TEST(Store, TellsWhatItHolds) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  AppendAndIndex(*store, {{.id = "a"}});
  const StoreStats stats = store->Stats();
  EXPECT_GT(stats.memtable_bytes, 0U);
  EXPECT_GT(stats.index_bytes, 0U);
  EXPECT_GT(stats.free_bytes, 0U);
  EXPECT_FALSE(store->FreeBytesLow());
}

}  // namespace
}  // namespace tagswell
