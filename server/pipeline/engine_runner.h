// The engine's thread: folds blocks in order, stores and publishes what the engine announces, answers questions
// between two blocks, and takes checkpoints.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "server/clock.h"
#include "server/pipeline/block_folder.h"
#include "server/pipeline/block_queue.h"
#include "server/pipeline/event_hub.h"
#include "server/pipeline/pipeline_observer.h"
#include "storage/store.h"
#include "trend/engine.h"

namespace tagswell {

struct CheckpointRule {
  std::uint64_t posts = 0;
  std::chrono::seconds interval{0};
};

// Stores checkpoints off the engine's thread, which calls it.
struct CheckpointTaker {
  std::function<bool()> busy;  // the one before is not stored yet
  // Where the pieces of the state after a block go; the time is the engine's.
  std::function<StateSink(BlockSeq, Timestamp)> begin;
};

class EngineRunner {
 public:
  // Everything passed by reference outlives the runner. `uptime` never goes back.
  EngineRunner(const EngineOptions& options, const CheckpointRule& rule, Store& store, EventHub& hub,
               const Clock& uptime, PipelineObserver* observer);
  ~EngineRunner();

  // Newest checkpoint, then the blocks behind it. Before Start.
  std::expected<void, Error> Recover();

  // As the log says at its end. Between Recover and Start.
  const BlockList& blocks() const { return engine_->blocks(); }
  const ReviewList& reviews() const { return engine_->reviews(); }
  const AliasGroups& groups() const { return engine_->groups(); }

  // Before all that follows.
  void SetTaker(CheckpointTaker taker) { taker_ = std::move(taker); }

  void Start();
  // What the thread does with a block, for who has none.
  void Step(const LogBlock& block);

  // Runs `question` between two blocks. Any thread; dropped after Stop.
  void Ask(std::move_only_function<void(const Engine&)> question) {
    queue_.PutErrand([this, ask = std::move(question)]() mutable { ask(*engine_); });
  }

  BlockQueue& queue() { return queue_; }
  // The boards of minutes before it are stored.
  Minute boards_until() const { return boards_until_.load(std::memory_order_relaxed); }
  // Engine::TopEnd of the block that was folded last.
  Minute top_end() const { return top_end_.load(std::memory_order_relaxed); }

  std::uint64_t counted_posts() const { return counted_posts_.load(std::memory_order_relaxed); }
  bool failed() const { return failed_.load(std::memory_order_relaxed); }

  // Finishes what is queued, then hands out a last checkpoint. Idempotent.
  void Stop();

 private:
  std::unique_ptr<Engine> MakeEngine();
  void AnswerQuestions();
  void Run();
  void Fold(const LogBlock& block);
  std::expected<void, Error> BeginInTheMiddle();
  std::vector<TrendEvent> TakeEvents(std::size_t waiting);
  std::expected<void, Error> Announce();
  void CheckpointIfDue(bool last);

  Store& store_;
  EventHub& hub_;
  const Clock& uptime_;
  PipelineObserver* observer_;
  CheckpointRule rule_;
  EngineOptions options_;
  BlockQueue queue_;
  std::unique_ptr<Engine> engine_;
  CheckpointTaker taker_;
  BlockFolder folder_;
  std::vector<TrendEvent> untold_;  // announced, and the disk had no room for them
  // While a log is folded whose beginning was dropped: the time of the newest event that was told before.
  std::optional<Timestamp> told_until_;
  BlockSeq folded_{0};
  BlockSeq saved_{0};
  std::uint64_t posts_since_save_ = 0;
  std::uint64_t saved_bytes_ = 0;  // of the newest checkpoint
  Timestamp saved_at_;
  std::atomic<std::uint64_t> counted_posts_ = 0;
  std::atomic<Minute> boards_until_{Minute{0}};
  std::atomic<Minute> top_end_;
  std::atomic<bool> failed_ = false;
  std::thread thread_;
};

}  // namespace tagswell
