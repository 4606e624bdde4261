// What operators say, in the log: the part of PostLog that writes no posts.
#include "storage/post_log.h"
#include "storage/post_log_state.h"

namespace tagswell {

std::expected<std::shared_ptr<const LogBlock>, Error> PostLog::AppendControl(std::span<const BlockChange> changes,
                                                                             Timestamp clock) {
  auto block = std::make_shared<LogBlock>();
  block->seq = Next(LastSeq());
  block->clock = std::max(clock, LastClock());
  for (const BlockChange& change : changes) {
    EncodeControl(change, block->records);
    block->ends.push_back(static_cast<std::uint32_t>(block->records.size()));
  }
  rocksdb::WriteBatch batch;
  if (auto committed = state_->Commit(*block, 0, batch); !committed) return std::unexpected(committed.error());
  return block;
}

}  // namespace tagswell
