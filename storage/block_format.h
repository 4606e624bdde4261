// A log block as bytes. Layout: docs/storage-format.md, "Blocks".
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "proto/error.h"
#include "storage/log_block.h"

namespace tagswell {

// How many posts were accepted: what later erasures do not change.
struct AcceptedPosts {
  std::uint32_t posts = 0;         // in this block
  std::uint64_t posts_before = 0;  // in all blocks before it
};

// What a block's header tells without unpacking it.
struct BlockHeader {
  std::uint32_t count = 0;  // records
  Timestamp clock;
  std::uint32_t posts = 0;
  std::uint64_t posts_before = 0;
};

// Bounds of one block: positions pack into 24 bits of index, and offsets into 32 bits.
inline constexpr std::size_t kBlockPostsMax = (1U << 24) - 1;
inline constexpr std::size_t kBlockBytesMax = 1U << 30;

// Replaces `out` by the stored form, packed where that shrinks it.
void EncodeBlock(const LogBlock& block, AcceptedPosts accepted, std::string& out);

// The checksum is taken over everything, the sequence number included: a block under a wrong key is noticed.
// Error: corrupt_block.
std::expected<LogBlock, Error> DecodeBlock(BlockSeq seq, std::string_view bytes);
std::expected<BlockHeader, Error> DecodeBlockHeader(BlockSeq seq, std::string_view bytes);

}  // namespace tagswell
