// How the records of a block are packed: by columns where they can be cut into them, else as they are. Layout:
// docs/storage-format.md, "Blocks" and "Columns".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/log_block.h"

namespace tagswell {

enum class BlockCodec : std::uint8_t { kPlain = 0, kLz4 = 1, kColumns = 2 };

// Appends the packed records and returns how; never more than kBlockBytesMax of them. kColumns holds the ends as well.
BlockCodec PackRecords(const LogBlock& block, std::string& out);

// Puts `count` records of together `bytes` bytes into `records`, and with kColumns their ends into `ends`. False when
// `packed` holds anything else; the memory used is within a constant factor of its size even then.
bool UnpackRecords(BlockCodec codec, std::string_view packed, std::uint32_t count, std::size_t bytes,
                   std::string& records, std::vector<std::uint32_t>& ends);

}  // namespace tagswell
