// The straight line inside one process: accepted batches go to the log, from there to the engine and the indexer, and
// what the engine announces goes to the event log and to subscribers.
//
//   Submit ──► writer ──► log (one block, one sync) ──► answers
//                 │
//                 ├──► engine thread ──► events ──► event log ──► EventHub
//                 └──► indexer thread ──► topic index, history
//
// Queues are bounded; a full one answers overloaded. Nothing here waits for a subscriber.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/error.h"
#include "proto/post_batch.h"
#include "proto/topic_resolver.h"
#include "server/clock.h"
#include "server/pipeline/event_hub.h"
#include "server/pipeline/past_runner.h"
#include "server/pipeline/pipeline_observer.h"
#include "server/pipeline/side_thread.h"
#include "server/pipeline/topic_aliases.h"
#include "server/pipeline/topic_blocks.h"
#include "server/pipeline/topic_reviews.h"
#include "storage/store.h"
#include "trend/engine.h"

namespace tagswell {

enum class EngineClock : unsigned char { kWall, kEvent };

struct PipelineOptions {
  StoreOptions store;
  EngineOptions engine;  // its salt is taken from the store
  // A change of these two against the last run goes into the log.
  std::vector<std::string> blocked;  // topics that never trend
  bool review = false;               // trends are shown once an operator approves their topic
  std::vector<Alias> aliases;  // groups that no call may change: what is said about them belongs to the configuration
  EngineClock clock = EngineClock::kWall;
  std::size_t queue_posts_max = 500'000;  // accepted and not yet written: about half a second of work
  std::size_t queue_bytes_max = 256u << 20;
  std::uint64_t store_bytes_max = 0;           // beyond it new posts are refused, less what waits then; 0: no limit
  std::size_t block_posts_max = 5'000;         // a block is read whole: larger ones make single reads slow
  std::uint64_t checkpoint_posts = 2'000'000;  // a fold of this many posts takes one to two seconds at start
  std::chrono::seconds checkpoint_interval{600};
  std::chrono::seconds tick_interval{5};  // how far a quiet stream's time may lag behind the wall clock
};

// What became of one batch.
struct Committed {
  std::uint64_t accepted = 0;
  std::vector<std::uint32_t> duplicates;  // positions in the batch, ascending
  std::uint64_t retracted = 0;            // posts that the batch took back or replaced
  std::uint64_t unknown = 0;              // deletions of posts that are not there
};

class Pipeline {
 public:
  // Opens the store and folds the log: returns when everything stands where it stood. Errors: those of Store::Open.
  // `clock`, `observer` (may be null) outlive the pipeline.
  static std::expected<std::unique_ptr<Pipeline>, Error> Open(const PipelineOptions& options, const Clock& clock,
                                                              PipelineObserver* observer);
  // Stop(), when still running.
  ~Pipeline();

  // Hands a batch to the writer. `done` is called once, on the writer's thread, when the batch is durable by the fsync
  // policy or has failed (overloaded, disk_full, quota_reached, draining, storage_failed). Any thread; never blocks.
  void Submit(PostBatch batch, std::move_only_function<void(std::expected<Committed, Error>)> done);

  // Takes a post back. Errors besides those of Submit: not_found.
  void Retract(const PostKey& key, std::move_only_function<void(std::expected<void, Error>)> done);

  // Blocks a topic or lifts its block; `done` as for Submit. A change is a record of the log: from there on it holds,
  // and a running trend is withdrawn. Errors besides those of Submit: those of TopicBlocks::Plan.
  void ChangeBlock(BlockCall call, std::move_only_function<void(std::expected<BlockAnswer, Error>)> done);

  // Decides whether a topic's trends are shown, or takes that back; `done` as for Submit. A change is a record of the
  // log: from there on it holds. Errors besides those of Submit: those of TopicReviews::Plan.
  void ChangeReview(ReviewCall call, std::move_only_function<void(std::expected<ReviewAnswer, Error>)> done);

  // Puts tags and phrases under one topic, or lets them go; `done` as for Submit. A change is a record of the log: what
  // the engine and the store hold of the past is brought in as they come there. Errors besides those of Submit: those
  // of TopicAliases::Plan.
  void ChangeAlias(AliasCall call, std::move_only_function<void(std::expected<AliasAnswer, Error>)> done);

  // The groups, every acknowledged call included.
  const TopicAliases& aliases() const;

  // Runs `errand` on the writer's thread, in order with what is submitted: for changes that are no records of the log.
  // It is told when it cannot be run (errors of Submit). Any thread; never blocks.
  void Errand(std::move_only_function<void(std::expected<void, Error>)> errand);

  // What is blocked, every acknowledged call included.
  const TopicBlocks& blocks() const;

  // What is decided about topics, every acknowledged call included.
  const TopicReviews& reviews() const;

  // Runs `question` on the engine's thread between two blocks. Any thread; never blocks. After Stop it is dropped.
  void Ask(std::move_only_function<void(const Engine&)> question);

  // Runs `question` with the engine as it stood when its time reached `at` (see PastRunner). Any thread; never blocks.
  void AskAt(Timestamp at, PastRunner::Question question);

  // Calls `job` on a thread for reads of the store that may take seconds (see SideThread::Put for its errors).
  void ReadAtLength(SideThread::Job job);

  // Waits until everything that was accepted has been counted, indexed and told. For replays and tests.
  void Drain();

  // Refuses new work, finishes what was accepted, writes a checkpoint. Idempotent.
  void Stop();

  Store& store();
  EventHub& hub();

  Minute TopEnd() const;       // where the windows of the newest block that is counted end
  Minute BoardsUntil() const;  // what trended before it is in store().boards(); what trends then, the engine knows

  std::uint64_t lag_posts() const;  // accepted and not yet counted, by the engine or the history
  std::size_t queue_posts() const;  // waiting for the writer
  std::size_t queue_bytes() const;
  bool healthy() const;       // the log is writable
  Timestamp Present() const;  // the wall clock, steadied: what the engine is told, before the lateness

  // Why a Submit now would be refused (overloaded, disk_full, storage_failed). To be asked before anything is spent on
  // a batch: one whose parsing began while there was room is taken, though the queue may be full by then.
  std::optional<Error> Refusal() const;

  // The same before a body of so many bytes is read, with the room that others on their way will need (Arrivals). Who
  // is let in keeps what is returned until the batch was submitted; it is null for a small one, which comes with its
  // head. Thread-safe.
  std::expected<std::shared_ptr<const void>, Error> LetIn(std::uint64_t body_bytes);
  // It held so many posts: what LetIn learns from.
  void LearnBody(std::uint64_t body_bytes, std::uint64_t posts);

 private:
  struct State;
  explicit Pipeline(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
