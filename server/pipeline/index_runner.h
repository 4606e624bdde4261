// The indexer's thread: everything behind the log that nobody waits for. Topic index, history, erasure of what was
// retracted, and retention.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <string_view>
#include <thread>

#include "server/pipeline/block_queue.h"
#include "storage/store.h"

namespace tagswell {

class IndexRunner {
 public:
  explicit IndexRunner(Store& store);
  ~IndexRunner();

  void Start();
  BlockQueue& queue() { return queue_; }
  std::uint64_t counted_posts() const { return counted_posts_.load(std::memory_order_relaxed); }
  bool failed() const { return failed_.load(std::memory_order_relaxed); }

  // The state of the engine after `at`, whose time is `time`, was stored, or not: erases and drops, on this thread,
  // what no fold needs any more. Any thread may tell.
  void AfterCheckpoint(std::expected<void, Error> saved, BlockSeq at, Timestamp time);

  // Finishes what is queued. Idempotent.
  void Stop();

 private:
  void Run();
  void DropExpired(Timestamp now);
  void Fail(std::string_view what, const Error& error);

  Store& store_;
  BlockQueue queue_;
  std::atomic<std::uint64_t> counted_posts_ = 0;
  std::atomic<bool> failed_ = false;
  std::thread thread_;
};

}  // namespace tagswell
