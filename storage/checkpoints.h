// States of the engine, each with the block it stands at. Start = newest state + fold of the blocks behind it.
// The two newest are kept. Any thread may read; one at a time saves.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "proto/error.h"
#include "storage/log_block.h"
#include "storage/staged_file.h"

namespace tagswell {

class Database;

struct EngineCheckpoint {
  BlockSeq at{0};
  std::string bytes;
};

class Checkpoints {
 public:
  explicit Checkpoints(Database& database);

  // Stores what `next_piece` gives, piece by piece until an empty one, as the state after block `at`, in one file that
  // is ingested whole, and drops all but the two newest. Syncs the log before: a state never outlives the blocks that
  // it was made from. May return before it has taken every piece.
  std::expected<void, Error> Save(BlockSeq at, const std::function<std::string()>& next_piece);

  // The newest state that is whole and not later than `last`; a damaged one is passed over. Nothing when there is none.
  std::expected<std::optional<EngineCheckpoint>, Error> LoadNewest(BlockSeq last) const;

  // Where the kept states stand, oldest first.
  std::expected<std::vector<BlockSeq>, Error> Kept() const;

 private:
  std::expected<StagedFile, Error> Write(BlockSeq at, const std::function<std::string()>& next_piece);
  std::expected<std::vector<BlockSeq>, Error> KeptLocked() const;
  std::expected<void, Error> DropRange(BlockSeq from, BlockSeq to);  // [from, to)

  Database& database_;
  mutable std::mutex mutex_;  // guards which states are kept
};

}  // namespace tagswell
