#include "storage/checkpoints.h"

#include <gtest/gtest.h>

#include <random>

#include "storage/byte_order.h"
#include "storage/database.h"
#include "storage/meta_keys.h"
#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/save_state.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

constexpr BlockSeq kLast{1000};

std::string State(std::uint64_t seed, std::size_t bytes) {
  std::mt19937_64 random(seed);
  std::string state(bytes, '\0');
  for (char& byte : state) byte = static_cast<char>(random());
  return state;
}

std::unique_ptr<Database> OpenDatabase(const std::filesystem::path& dir) {
  auto database = Database::Open(SmallStore(dir));
  EXPECT_TRUE(database.has_value());
  return database ? std::move(*database) : nullptr;
}

TEST(Checkpoints, KeepTheTwoNewest) {
  const ScratchDir scratch;
  for (int restart = 0; restart < 2; ++restart) {
    const auto database = OpenDatabase(scratch / "store");
    Checkpoints checkpoints(*database);
    if (restart == 0) {
      EXPECT_FALSE(checkpoints.LoadNewest(kLast)->has_value());
      for (std::uint64_t at = 1; at <= 5; ++at) {
        ASSERT_TRUE(SaveState(checkpoints, BlockSeq{at}, State(at, 3'500'000)).has_value());
      }
    }
    EXPECT_EQ(checkpoints.Kept(), (std::vector<BlockSeq>{BlockSeq{4}, BlockSeq{5}}));
    const auto newest = checkpoints.LoadNewest(kLast);
    ASSERT_TRUE(newest && *newest);
    EXPECT_EQ((*newest)->at, BlockSeq{5});
    EXPECT_EQ((*newest)->bytes, State(5, 3'500'000));
    EXPECT_EQ((*checkpoints.LoadNewest(BlockSeq{4}))->at, BlockSeq{4});
  }
}

TEST(Checkpoints, FallBackToTheOlderWhenTheNewestIsDamaged) {
  const ScratchDir scratch;
  const auto database = OpenDatabase(scratch / "store");
  Checkpoints checkpoints(*database);
  ASSERT_TRUE(SaveState(checkpoints, BlockSeq{1}, State(1, 100)).has_value());
  ASSERT_TRUE(SaveState(checkpoints, BlockSeq{2}, State(2, 2'000'000)).has_value());
  std::string chunk = BlockKey(BlockSeq{2});
  AppendBig(std::uint32_t{1}, chunk);
  rocksdb::WriteBatch damage;
  damage.Put(database->family(Family::kCheckpoints), chunk, "not what was there");
  ASSERT_TRUE(database->Write(damage, false).has_value());
  const auto loaded = checkpoints.LoadNewest(kLast);
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_EQ((*loaded)->at, BlockSeq{1});
  EXPECT_EQ((*loaded)->bytes, State(1, 100));
}

}  // namespace
}  // namespace tagswell
