// Where a replay puts its posts: a pipeline in this process, or a server.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>

#include "proto/error.h"
#include "proto/parsed_body.h"
#include "proto/post_form.h"
#include "server/commands/archive_reader.h"

namespace tagswell {

struct ReplayTotals {
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t retracted = 0;
  std::uint64_t ignored = 0;
  std::uint64_t rejected = 0;
  std::uint64_t mentions = 0;  // 0 when the sink does not know
};

// Hears of lines that are no posts, by their number in the archive. Not of all: a batch lists its first ones.
using OnRejected = std::function<void(const LineError&)>;

class PostSink {
 public:
  virtual ~PostSink() = default;

  // Takes the lines, which need not live longer. Waits while the receiver has enough to do.
  virtual std::expected<void, Error> Take(const ArchiveChunk& chunk, const PostForm& form) = 0;

  // Waits until everything that was taken is counted and told.
  virtual std::expected<ReplayTotals, Error> Finish() = 0;
};

}  // namespace tagswell
