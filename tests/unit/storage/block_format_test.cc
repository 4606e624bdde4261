#include "storage/block_format.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/sample_posts.h"

namespace tagswell {
namespace {

LogBlock SampleBlock(std::size_t posts) {
  std::vector<SamplePost> samples;
  for (std::size_t i = 0; i < posts; ++i) samples.push_back({.id = "post " + std::to_string(i)});
  PostBatch batch = BatchOf(samples);
  return {.seq = BlockSeq{9}, .clock = StartOf(kNoon), .records = batch.records, .ends = batch.ends};
}

TEST(BlockFormat, ReadsBackWhatItWrote) {
  for (const std::size_t posts : {0U, 1U, 2U, 1000U}) {
    const LogBlock block = SampleBlock(posts);
    std::string bytes;
    EncodeBlock(block, {.posts = static_cast<std::uint32_t>(posts), .posts_before = 77}, bytes);
    const auto read = DecodeBlock(block.seq, bytes);
    ASSERT_TRUE(read.has_value()) << read.error().detail;
    EXPECT_EQ(read->records, block.records);
    EXPECT_EQ(read->ends, block.ends);
    EXPECT_EQ(read->clock, block.clock);
    const auto header = DecodeBlockHeader(block.seq, bytes);
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->posts, posts);
    EXPECT_EQ(header->posts_before, 77U);
  }
}

TEST(BlockFormat, NoticesEveryFlippedBitAndEveryMissingByte) {
  std::string bytes;
  EncodeBlock(SampleBlock(20), {}, bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    const auto read = DecodeBlock(BlockSeq{9}, damaged);
    ASSERT_FALSE(read.has_value()) << "byte " << i;
    EXPECT_EQ(read.error().code, "corrupt_block");
    EXPECT_FALSE(DecodeBlock(BlockSeq{9}, std::string_view(bytes).substr(0, i)).has_value());
  }
}

TEST(BlockFormat, RefusesABlockUnderAnotherNumber) {
  std::string bytes;
  EncodeBlock(SampleBlock(3), {}, bytes);
  const auto read = DecodeBlock(BlockSeq{10}, bytes);
  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().detail.find("10"), std::string::npos);
}

}  // namespace
}  // namespace tagswell
