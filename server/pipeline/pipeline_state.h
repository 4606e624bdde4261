// The writer of a pipeline and what it works with. Internal to pipeline.cc and pipeline_writer.cc.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <thread>

#include "server/pipeline/arrivals.h"
#include "server/pipeline/author_remover.h"
#include "server/pipeline/checkpoint_runner.h"
#include "server/pipeline/control_writer.h"
#include "server/pipeline/engine_runner.h"
#include "server/pipeline/index_runner.h"
#include "server/pipeline/pipeline.h"
#include "server/pipeline/work_queue.h"
#include "server/steadied_clock.h"

namespace tagswell {

struct Pipeline::State {
  State(const PipelineOptions& opened, std::unique_ptr<Store> opened_store, const Clock& the_clock,
        PipelineObserver* the_observer);

  Timestamp EngineTime() const;
  void Write();
  bool Healthy() const { return !failed && !store->failed() && !engine.failed() && !indexer.failed(); }
  std::expected<void, Error> Writable() const;
  void FailCommit(const Error& error);
  void Commit(std::span<Work> taken);
  void Refuse(Work& of, const Error& error);
  void CommitBatches(std::span<Work> batches);
  void CommitRevision(Work& revision);
  std::expected<void, Error> Retract(const PostKey& key);
  void Submit(PostBatch batch, std::move_only_function<void(std::expected<Committed, Error>)> done);
  void HandOn(std::shared_ptr<const LogBlock> block);
  // Runs it on the writer's thread, in order with what is submitted.
  void Errand(std::move_only_function<void(std::expected<void, Error>)> errand);
  void Tick();
  void Upkeep();
  void CheckQuota();

  PipelineOptions options;
  const Clock& clock;
  const UptimeClock uptime;
  const SteadiedClock steadied;
  PipelineObserver* observer;
  std::unique_ptr<Store> store;
  EventHub hub;
  EngineRunner engine;
  IndexRunner indexer;
  CheckpointRunner checkpoints;
  PastRunner past;
  SideThread reader;
  WorkQueue work;
  Arrivals arrivals;
  AuthorRemover remover;
  ControlWriter control;
  std::atomic<std::uint64_t> accepted_posts = 0;  // taken into the queue, less duplicates and failures
  std::atomic<bool> failed = false;
  std::atomic<bool> quota_reached = false;
  Timestamp quota_due = kTimestampMin;  // when it is looked at next, by uptime; writer thread
  std::atomic<bool> stopped = false;
  std::thread writer;
};

}  // namespace tagswell
