// What waits for the writer: batches of posts and errands, in order. Bounded in posts and bytes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "proto/error.h"
#include "proto/post_batch.h"
#include "server/pipeline/pipeline.h"

namespace tagswell {

struct Work {
  PostBatch batch;
  std::move_only_function<void(std::expected<Committed, Error>)> committed;  // of a batch
  std::move_only_function<void(std::expected<void, Error>)> errand = {};     // to be run by the writer, or told why not
};

// Any thread may put; one thread takes.
class WorkQueue {
 public:
  WorkQueue(std::size_t posts_max, std::size_t bytes_max) : posts_max_(posts_max), bytes_max_(bytes_max) {}

  enum class Put : unsigned char { kTaken, kFull, kClosed };
  // Moves from `work` only when it is taken. A batch is while the queue is not full(): with the last one it may pass
  // its bounds, so that no work was in vain that began while there was room. What holds no posts always is.
  Put TryPut(Work& work);

  // Waits for work, or for the timeout, or for the end. Returns all that waits, up to about `posts_max` posts (at least
  // one piece). Empty: the timeout, or closed() and nothing left.
  // Group commit: where several clients wrote at once the last time, it waits a moment for as many again. One client
  // alone never waits.
  std::vector<Work> Take(std::size_t posts_max, std::chrono::milliseconds timeout);

  void Close();
  bool closed() const;
  bool full() const;  // a batch would be refused
  std::size_t posts() const;
  std::size_t bytes() const;

 private:
  static constexpr std::chrono::microseconds kGatherTime{200};
  static constexpr std::size_t kGatherPostsMax = 500;  // a block of so many is worth its commit

  bool Full() const { return posts_ >= posts_max_ || bytes_ >= bytes_max_; }
  bool Gathered() const;  // what waits is worth a block

  const std::size_t posts_max_;
  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<Work> waiting_;
  std::size_t posts_ = 0;
  std::size_t bytes_ = 0;
  std::size_t gather_ = 1;  // pieces of work that Take() gave last
  bool closed_ = false;
};

}  // namespace tagswell
