// States of the engine, each with the block it stands at. Start = newest state + fold of the blocks behind it.
// The two newest are kept. Any thread may call; calls exclude each other.
#pragma once

#include <cstdint>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "storage/log_block.h"

namespace tagswell {

class Database;

struct EngineCheckpoint {
  BlockSeq at{0};
  std::string bytes;
};

class Checkpoints {
 public:
  explicit Checkpoints(Database& database);

  // Stores `bytes` (may be hundreds of megabytes) as the state after block `at`, as one file ingested whole, and drops
  // all but the two newest. Syncs the log first: a state never outlives the blocks that it was made from.
  std::expected<void, Error> Save(BlockSeq at, std::string_view bytes);

  // The newest state that is whole and not later than `last`; a damaged one is passed over. Nothing when there is none.
  std::expected<std::optional<EngineCheckpoint>, Error> LoadNewest(BlockSeq last) const;

  // Where the kept states stand, oldest first.
  std::expected<std::vector<BlockSeq>, Error> Kept() const;

 private:
  std::expected<std::vector<BlockSeq>, Error> KeptLocked() const;
  std::expected<void, Error> DropRange(BlockSeq from, BlockSeq to);  // [from, to)

  Database& database_;
  mutable std::mutex mutex_;
};

}  // namespace tagswell
