#include "server/pipeline/log_past.h"

#include <utility>

#include "proto/post_codec.h"
#include "server/logging.h"

namespace tagswell {

Engine::PastReader PastOf(const PostLog& log, BlockSeq before, std::function<void()> pause) {
  return [&log, before, pause = std::move(pause)](std::uint64_t from, const Engine::PastVisit& visit) {
    Record record;
    const auto read = log.Read(BlockSeq{from}, [&](const LogBlock& block) {
      if (block.seq >= before) return false;
      for (std::uint32_t i = 0; i < block.size(); ++i) {
        if (!DecodeRecord(block.RecordAt(i), record)) continue;  // logged when it was counted first
        if (record.kind != RecordKind::kPost && record.kind != RecordKind::kRetraction) continue;
        visit(record.post, record.kind == RecordKind::kRetraction, {static_cast<std::uint64_t>(block.seq), i});
      }
      if (pause) pause();
      return true;
    });
    if (!read) Log(LogLevel::kError, "the past of an alias cannot be read", {{"detail", read.error().detail}});
  };
}

}  // namespace tagswell
