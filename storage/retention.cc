#include "storage/retention.h"

#include <algorithm>

#include "storage/board_log.h"
#include "storage/checkpoints.h"
#include "storage/event_log.h"
#include "storage/history.h"
#include "storage/post_index.h"
#include "storage/post_log.h"

namespace tagswell {

std::expected<Dropped, Error> Retention::Drop(Timestamp now) {
  Dropped dropped;
  if (options_.events > Duration{0}) {
    const auto events = events_.DropBefore(now - options_.events);
    if (!events) return std::unexpected(events.error());
    dropped.events = *events;
    const auto boards = boards_.DropBefore(MinuteOf(now - options_.events));
    if (!boards) return std::unexpected(boards.error());
    dropped.boards = *boards;
  }
  if (options_.history > Duration{0}) {
    const auto history = history_.DropBefore(MinuteOf(now - options_.history));
    if (!history) return std::unexpected(history.error());
    dropped.history = *history;
  }
  if (options_.posts > Duration{0}) {
    const auto posts = DropPosts(now - options_.posts);
    if (!posts) return std::unexpected(posts.error());
    dropped.posts = *posts;
  }
  return dropped;
}

std::expected<std::uint64_t, Error> Retention::DropPosts(Timestamp before) {
  const auto kept = checkpoints_.Kept();
  if (!kept) return std::unexpected(kept.error());
  const auto stretches = index_.Stretches();
  if (kept->empty() || stretches->empty()) return 0;
  // On a quiet stream the history waits in memory for longer than posts are kept.
  if (stretches->front().last > history_.FlushedUpTo()) {
    if (auto flushed = history_.Flush(); !flushed) return std::unexpected(flushed.error());
  }
  return log_.DropBefore(before, std::min(kept->front(), history_.FlushedUpTo()));
}

}  // namespace tagswell
