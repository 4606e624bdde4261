// What is kept for how long, and the order in which the rest goes. See docs/decisions/0018-retention.md.
// Indexer thread.
#pragma once

#include <cstdint>
#include <expected>

#include "proto/error.h"
#include "proto/time.h"
#include "storage/store_options.h"

namespace tagswell {

class BoardLog;
class Checkpoints;
class EventLog;
class History;
class PostIndex;
class PostLog;

// What one Drop took away.
struct Dropped {
  std::uint64_t posts = 0;
  std::uint64_t events = 0;
  bool history = false;
  bool boards = false;

  bool any() const { return posts > 0 || events > 0 || history || boards; }
};

class Retention {
 public:
  // Everything is the store's.
  Retention(const RetentionOptions& options, PostLog& log, const PostIndex& index, History& history, EventLog& events,
            BoardLog& boards, const Checkpoints& checkpoints)
      : options_(options),
        log_(log),
        index_(index),
        history_(history),
        events_(events),
        boards_(boards),
        checkpoints_(checkpoints) {}

  // As Store::DropExpired. Errors: storage_failed; disk_full, after which it can be tried again.
  std::expected<Dropped, Error> Drop(Timestamp now);

 private:
  std::expected<std::uint64_t, Error> DropPosts(Timestamp before);

  const RetentionOptions options_;
  PostLog& log_;
  const PostIndex& index_;
  History& history_;
  EventLog& events_;
  BoardLog& boards_;
  const Checkpoints& checkpoints_;
};

}  // namespace tagswell
