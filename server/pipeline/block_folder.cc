#include "server/pipeline/block_folder.h"

#include <cstdint>
#include <span>
#include <utility>

#include "server/logging.h"
#include "server/pipeline/log_past.h"

namespace tagswell {

void BlockFolder::Apply(const Record& record, BlockSeq block, Engine& engine) const {
  if (record.alias) {
    engine.Apply(*record.alias, static_cast<std::uint64_t>(block), PastOf(log_, block, pause_));
  } else if (record.review) {
    engine.Apply(*record.review);
  } else {
    engine.Apply(record.change);
  }
}

bool BlockFolder::Fold(const LogBlock& block, Engine& engine, const OnRetraction& on_retraction) {
  engine.Advance(block.clock);
  bool sound = true;
  std::size_t posts = 0;  // of posts_, decoded and not yet added
  const auto add_before = [&](std::size_t place) {
    engine.Add(std::span(posts_).first(posts),
               {static_cast<std::uint64_t>(block.seq), static_cast<std::uint32_t>(place - posts)});
    posts = 0;
  };
  for (std::size_t i = 0; i < block.size(); ++i) {
    // The block's checksum held and we wrote it: a record that does not decode is a fault of ours.
    const bool decoded = DecodeRecord(block.RecordAt(i), record_).has_value();
    if (!decoded) {
      Log(LogLevel::kError, "record does not decode",
          {{"block", static_cast<std::uint64_t>(block.seq)}, {"record", i}});
      sound = false;
    }
    if (decoded && record_.kind == RecordKind::kPost) {
      std::swap(posts_[posts++], record_.post);
      if (posts == posts_.size()) add_before(i + 1);
      continue;
    }
    add_before(i);
    if (decoded && record_.kind == RecordKind::kRetraction) {
      engine.Retract(record_.post);
      if (on_retraction) on_retraction(record_.post, {.block = block.seq, .index = static_cast<std::uint32_t>(i)});
    }
    if (decoded && record_.kind == RecordKind::kControl) Apply(record_, block.seq, engine);
  }
  add_before(block.size());
  return sound;
}

}  // namespace tagswell
