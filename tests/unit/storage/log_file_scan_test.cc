#include "storage/log_file_scan.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

constexpr int kBlocks = 40;
constexpr std::size_t kPostsABlock = 100;

// A store whose blocks all stand in the write-ahead log: nothing is flushed when it is closed.
void FillStore(const std::filesystem::path& dir) {
  StoreOptions options = SmallStore(dir);
  options.write_buffer_bytes = 64 << 20;
  const auto store = Store::Open(options);
  ASSERT_TRUE(store);
  for (int block = 0; block < kBlocks; ++block) {
    std::vector<SamplePost> posts;
    for (std::size_t i = 0; i < kPostsABlock; ++i) {
      posts.push_back(
          {.id = std::to_string(block) + "-" + std::to_string(i), .author = "a" + std::to_string(i * 7919)});
    }
    const PostBatch batch = BatchOf(posts);
    const PostBatch* const one = &batch;
    ASSERT_TRUE((*store)->log().Append(std::span(&one, 1), StartOf(kNoon)));
  }
}

std::filesystem::path LogOf(const std::filesystem::path& dir) {
  std::filesystem::path largest;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    if (entry.path().extension() != ".log") continue;
    if (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)) largest = entry.path();
  }
  return largest;
}

void FlipBit(const std::filesystem::path& file, std::uint64_t at) {
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekg(static_cast<std::streamoff>(at));
  const auto byte = static_cast<char>(bytes.get() ^ 4);
  bytes.seekp(static_cast<std::streamoff>(at));
  bytes.put(byte);
}

class LogFileScanTest : public testing::Test {
 protected:
  void SetUp() override {
    FillStore(scratch_ / "store");
    file_ = LogOf(scratch_ / "store");
    size_ = std::filesystem::file_size(file_);
  }
  ScratchDir scratch_;
  std::filesystem::path file_;
  std::uint64_t size_ = 0;
};

TEST_F(LogFileScanTest, FindsEveryBlockOfAWholeLog) {
  const auto scan = ScanLogFile(file_);
  ASSERT_TRUE(scan);
  EXPECT_FALSE(scan->damaged_at);
  EXPECT_EQ(scan->bytes, size_);
  EXPECT_EQ(scan->commits_before, kBlocks);
  EXPECT_EQ(scan->last_before, BlockSeq{kBlocks});
  EXPECT_EQ(scan->posts_before, kBlocks * kPostsABlock);
}

TEST_F(LogFileScanTest, SaysWhatStandsBeforeAndBehindDamage) {
  FlipBit(file_, size_ / 3);
  const auto scan = ScanLogFile(file_);
  ASSERT_TRUE(scan && scan->damaged_at);
  EXPECT_LE(*scan->damaged_at, size_ / 3);
  EXPECT_EQ(scan->posts_before, scan->commits_before * kPostsABlock);
  EXPECT_GT(scan->commits_before, 0U);
  EXPECT_EQ(scan->commits_before + 1 + scan->commits_behind, kBlocks);  // one is damaged
  EXPECT_EQ(scan->last_behind, BlockSeq{kBlocks});
  EXPECT_EQ(scan->posts_behind, kBlocks * kPostsABlock);
}

TEST_F(LogFileScanTest, TakesACutForAnUnfinishedRecord) {
  std::filesystem::resize_file(file_, size_ - 3);
  const auto scan = ScanLogFile(file_);
  ASSERT_TRUE(scan && scan->damaged_at);
  EXPECT_EQ(scan->commits_before, kBlocks - 1);
  EXPECT_EQ(scan->records_behind, 0U);
}

TEST_F(LogFileScanTest, ReadsRoomThatWasNeverWrittenAsTheEnd) {
  std::filesystem::resize_file(file_, size_ + 100'000);
  const auto scan = ScanLogFile(file_);
  ASSERT_TRUE(scan);
  EXPECT_FALSE(scan->damaged_at);
  EXPECT_EQ(scan->commits_before, kBlocks);
}

TEST_F(LogFileScanTest, EveryFlippedBitOfARecordIsDamage) {
  for (std::uint64_t at = 0; at < 400; ++at) {
    FlipBit(file_, at);
    const auto scan = ScanLogFile(file_);
    ASSERT_TRUE(scan && scan->damaged_at) << at;
    FlipBit(file_, at);
  }
}

TEST_F(LogFileScanTest, AStoreDamagedInItsMiddleOpensOnlyWhereLossIsAllowed) {
  FlipBit(file_, size_ / 3);
  StoreOptions options = SmallStore(scratch_ / "store");
  options.fsync = FsyncPolicy::kAlways;
  const auto refused = Store::Open(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "corrupt_log");
  options.fsync = FsyncPolicy::kInterval;
  const auto opened = Store::Open(options);
  ASSERT_TRUE(opened);
  const std::string posts = std::to_string((*opened)->log().PostCount());
  EXPECT_NE((*opened)->lost_end().find("that is " + posts + " posts"), std::string::npos) << (*opened)->lost_end();
}

}  // namespace
}  // namespace tagswell
