// The indexer's thread: everything behind the log that nobody waits for. Topic index, history, checkpoints on disk,
// erasure of what was retracted, and retention.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
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

  // Stores an engine state, whose time is `time`; then erases and drops what no fold needs any more. Runs on this
  // thread; any thread may ask.
  void SaveCheckpoint(BlockSeq at, Timestamp time, std::shared_ptr<const std::string> state);
  bool SavingCheckpoint() const { return checkpoints_waiting_.load() > 0; }

  // Finishes what is queued. Idempotent.
  void Stop();

 private:
  void Run();
  void DropExpired(Timestamp now);
  void Fail(std::string_view what, const Error& error);

  Store& store_;
  BlockQueue queue_;
  std::atomic<std::uint64_t> counted_posts_ = 0;
  std::atomic<int> checkpoints_waiting_ = 0;
  std::atomic<bool> failed_ = false;
  std::thread thread_;
};

}  // namespace tagswell
