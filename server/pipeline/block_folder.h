// Hands the records of log blocks to an engine, some dozens of posts at a time. Not thread-safe.
#pragma once

#include <functional>
#include <vector>

#include "proto/post_codec.h"
#include "storage/log_block.h"
#include "trend/engine.h"

namespace tagswell {

class BlockFolder {
 public:
  // Hears of a post that was taken back, and where the log says so.
  using OnRetraction = std::function<void(const Post&, Position)>;

  // Advances the engine to the block's clock, then adds, retracts and applies what the block holds, in order. False
  // when a record did not decode: it is passed over, and logged.
  bool Fold(const LogBlock& block, Engine& engine, const OnRetraction& on_retraction = {});

 private:
  Record record_;  // reused, as are these
  std::vector<Post> posts_{64};
};

}  // namespace tagswell
