// Hands the records of log blocks to an engine, some dozens of posts at a time. Not thread-safe.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "proto/post_codec.h"
#include "storage/log_block.h"
#include "storage/post_log.h"
#include "trend/engine.h"

namespace tagswell {

class BlockFolder {
 public:
  // The log, which outlives the folder, is read where a new group of tags wants its past; `pause` is called between two
  // blocks then.
  explicit BlockFolder(const PostLog& log, std::function<void()> pause = {}) : log_(log), pause_(std::move(pause)) {}

  // Hears of a post that was taken back, and where the log says so.
  using OnRetraction = std::function<void(const Post&, Position)>;

  // Advances the engine to the block's clock, then adds, retracts and applies what the block holds, in order. False
  // when a record did not decode: it is passed over, and logged.
  bool Fold(const LogBlock& block, Engine& engine, const OnRetraction& on_retraction = {});

  // What an operator says in a control record of that block.
  void Apply(const Record& record, BlockSeq block, Engine& engine) const;

 private:
  const PostLog& log_;
  const std::function<void()> pause_;
  Record record_;  // reused, as are these
  std::vector<Post> posts_{64};
};

}  // namespace tagswell
