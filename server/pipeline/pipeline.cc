#include "server/pipeline/pipeline.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "server/logging.h"
#include "server/pipeline/control_writer.h"
#include "server/pipeline/engine_runner.h"
#include "server/pipeline/index_runner.h"
#include "server/pipeline/work_queue.h"
#include "server/thread_role.h"

namespace tagswell {
namespace {

// How often the writer looks up when nothing comes: for syncs that are due and for room on the disk.
constexpr std::chrono::milliseconds kIdle{100};
constexpr std::size_t kLongReadsWaitingMax = 16;

Error Overloaded() {
  return {"overloaded", "The server has more posts waiting than it may hold. Try again later."};
}
Error Draining() {
  return {"draining", "The server is shutting down. Try again later."};
}
Error DiskFull() {
  return {"disk_full", "The disk of the store is nearly full. Nothing was stored."};
}
Error StorageFailed() {
  return {"storage_failed", "The log cannot be written. The server has to be restarted."};
}

EngineOptions WithSalt(EngineOptions options, HashSalt salt) {
  options.salt = salt;
  return options;
}

}  // namespace

struct Pipeline::State {
  State(const PipelineOptions& opened, std::unique_ptr<Store> opened_store, const Clock& the_clock,
        PipelineObserver* the_observer)
      : options(opened),
        clock(the_clock),
        observer(the_observer),
        store(std::move(opened_store)),
        hub(store->events(), store->epoch()),
        engine(WithSalt(options.engine, store->salt()), {options.checkpoint_posts, options.checkpoint_interval}, *store,
               hub, clock, observer),
        indexer(*store),
        past(*store, WithSalt(options.engine, store->salt())),
        reader("reader", kLongReadsWaitingMax),
        work(options.queue_posts_max, options.queue_bytes_max),
        control(store->log(), clock, options.aliases,
                {.engine_time = [this] { return EngineTime(); },
                 .hand_on =
                     [this](std::shared_ptr<const LogBlock> block) {
                       accepted_posts.fetch_add(block->size(), std::memory_order_relaxed);
                       HandOn(std::move(block));
                     },
                 .fail = [this](const Error& error) { FailCommit(error); }}) {}

  Timestamp EngineTime() const;
  void Write();
  bool Healthy() const { return !failed && !store->failed() && !engine.failed() && !indexer.failed(); }
  std::expected<void, Error> Writable() const;
  void FailCommit(const Error& error);
  void Commit(std::span<Work> taken);
  void Refuse(Work& of, const Error& error);
  void CommitBatches(std::span<Work> batches);
  void CommitRevision(Work& revision);
  void CommitRetraction(Work& retraction);
  void HandOn(std::shared_ptr<const LogBlock> block);
  // Runs it on the writer's thread, in order with what is submitted.
  void Errand(std::move_only_function<void(std::expected<void, Error>)> errand);
  void Tick();
  void Upkeep();

  PipelineOptions options;
  const Clock& clock;
  PipelineObserver* observer;
  std::unique_ptr<Store> store;
  EventHub hub;
  EngineRunner engine;
  IndexRunner indexer;
  PastRunner past;
  SideThread reader;
  WorkQueue work;
  ControlWriter control;
  std::atomic<std::uint64_t> accepted_posts = 0;  // taken into the queue, less duplicates and failures
  std::atomic<bool> failed = false;
  std::atomic<bool> quota_reached = false;
  std::atomic<bool> stopped = false;
  std::thread writer;
};

Timestamp Pipeline::State::EngineTime() const {
  if (options.clock == EngineClock::kEvent) return store->log().LastClock();
  return std::max(store->log().LastClock(), clock.Now() - options.engine.lateness);
}

void Pipeline::State::HandOn(std::shared_ptr<const LogBlock> block) {
  engine.queue().PutBlock(block);
  indexer.queue().PutBlock(std::move(block));
}

// Whether something may be written now. What was taken while there was room is refused all the same when the room has
// gone: RocksDB must never meet the end of the disk with a commit.
std::expected<void, Error> Pipeline::State::Writable() const {
  if (!Healthy()) return std::unexpected(StorageFailed());
  if (store->FreeBytesLow()) return std::unexpected(DiskFull());
  return {};
}

void Pipeline::State::FailCommit(const Error& error) {
  failed = true;
  Log(LogLevel::kError, "commit failed", {{"code", error.code}, {"detail", error.detail}});
}

void Pipeline::State::CommitBatches(std::span<Work> batches) {
  std::vector<const PostBatch*> posts;
  posts.reserve(batches.size());
  std::size_t total = 0;
  for (const Work& of : batches) {
    posts.push_back(&of.batch);
    total += of.batch.size();
  }
  const Stopwatch watch;
  auto appended = store->log().Append(posts, EngineTime());
  if (!appended) {
    accepted_posts.fetch_sub(total, std::memory_order_relaxed);
    FailCommit(appended.error());
    for (Work& of : batches) of.committed(std::unexpected(appended.error()));
    return;
  }
  std::size_t duplicates = 0;
  for (const auto& of : appended->duplicates) duplicates += of.size();
  if (observer != nullptr) observer->OnCommit(total - duplicates, duplicates, watch.Seconds());
  accepted_posts.fetch_sub(duplicates, std::memory_order_relaxed);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    Committed committed;
    committed.accepted = batches[i].batch.size() - appended->duplicates[i].size();
    committed.duplicates = std::move(appended->duplicates[i]);
    batches[i].committed(std::move(committed));
  }
  if (appended->block != nullptr) HandOn(std::move(appended->block));
}

void Pipeline::State::CommitRevision(Work& revision) {
  const std::size_t total = revision.batch.size();
  const Stopwatch watch;
  auto revised = store->log().Revise(revision.batch, EngineTime());
  if (!revised) {
    accepted_posts.fetch_sub(total, std::memory_order_relaxed);
    FailCommit(revised.error());
    return revision.committed(std::unexpected(revised.error()));
  }
  const std::size_t duplicates = revised->duplicates.size();
  if (observer != nullptr) observer->OnCommit(total - duplicates, duplicates, watch.Seconds());
  // What is waited for is records: retractions are some, duplicates none.
  accepted_posts.fetch_add(revised->retracted, std::memory_order_relaxed);
  accepted_posts.fetch_sub(duplicates, std::memory_order_relaxed);
  revision.committed(Committed{.accepted = total - duplicates,
                               .duplicates = std::move(revised->duplicates),
                               .retracted = revised->retracted,
                               .unknown = revised->unknown});
  for (auto& block : revised->blocks) HandOn(std::move(block));
}

void Pipeline::State::Refuse(Work& of, const Error& error) {
  accepted_posts.fetch_sub(of.batch.size(), std::memory_order_relaxed);
  if (of.retract) return of.retracted(std::unexpected(error));
  if (of.errand) return of.errand(std::unexpected(error));
  of.committed(std::unexpected(error));
}

void Pipeline::State::CommitRetraction(Work& retraction) {
  const auto post = store->log().Find(*retraction.retract);
  if (!post) return retraction.retracted(std::unexpected(post.error()));
  if (!*post) return retraction.retracted(std::unexpected(Error{"not_found", "There is no such post."}));
  auto block = store->log().AppendRetraction((*post)->position, EngineTime());
  if (!block) {
    FailCommit(block.error());
    return retraction.retracted(std::unexpected(block.error()));
  }
  accepted_posts.fetch_add((*block)->size(), std::memory_order_relaxed);
  retraction.retracted({});
  HandOn(std::move(*block));
}

void Pipeline::State::Errand(std::move_only_function<void(std::expected<void, Error>)> errand) {
  if (const auto writable = Writable(); !writable) return errand(std::unexpected(writable.error()));
  Work waiting{.batch = {}, .committed = {}, .retract = {}, .retracted = {}, .errand = std::move(errand)};
  const WorkQueue::Put put = work.TryPut(waiting);
  if (put != WorkQueue::Put::kTaken)
    waiting.errand(std::unexpected(put == WorkQueue::Put::kFull ? Overloaded() : Draining()));
}

void Pipeline::State::Tick() {
  if (options.clock == EngineClock::kEvent || static_cast<std::uint64_t>(store->log().LastSeq()) == 0) return;
  // The engine works in whole minutes: a tick within one would change nothing.
  const Timestamp now = EngineTime();
  if (!Writable()) return;
  if (now - store->log().LastClock() < options.tick_interval || MinuteOf(now) == MinuteOf(store->log().LastClock()))
    return;
  auto appended = store->log().Append({}, now);
  if (!appended) return FailCommit(appended.error());
  HandOn(std::move(appended->block));
}

void Pipeline::State::Upkeep() {
  if (options.store.fsync != FsyncPolicy::kInterval || failed) return;
  if (const auto synced = store->log().SyncIfDue(clock.Now()); !synced) FailCommit(synced.error());
}

void Pipeline::State::Write() {
  TakeRole("writer", Urgency::kAnswering);
  while (true) {
    std::vector<Work> taken = work.Take(options.block_posts_max, kIdle);
    if (taken.empty() && work.closed()) return;
    store->RefreshFreeBytes();
    if (options.store_bytes_max > 0) quota_reached = store->Stats().bytes() >= options.store_bytes_max;
    Commit(taken);
    if (taken.empty()) Tick();
    Upkeep();
  }
}

void Pipeline::State::Commit(std::span<Work> taken) {
  if (const auto writable = Writable(); !writable) {
    for (Work& of : taken) Refuse(of, writable.error());
    return;
  }
  for (auto begin = taken.begin(); begin != taken.end();) {
    const auto end = std::find_if(begin, taken.end(),
                                  [](const Work& of) { return of.retract || of.errand || !of.batch.changes.empty(); });
    if (begin != end) CommitBatches({begin, end});
    begin = end;
    if (begin == taken.end()) break;
    if (begin->retract) {
      CommitRetraction(*begin);
    } else if (begin->errand) {
      begin->errand({});
    } else {
      CommitRevision(*begin);
    }
    ++begin;
  }
}

std::expected<std::unique_ptr<Pipeline>, Error> Pipeline::Open(const PipelineOptions& options, const Clock& clock,
                                                               PipelineObserver* observer) {
  StoreOptions store_options = options.store;
  if (observer != nullptr) store_options.on_sync = [observer](double seconds) { observer->OnSync(seconds); };
  auto store = Store::OpenLog(store_options);
  if (!store) return std::unexpected(store.error());
  if (const std::string& lost = (*store)->lost_end(); !lost.empty()) {
    Log(LogLevel::kWarn, "the log ended in an unfinished write, which is left out", {{"detail", lost}});
  }
  auto state = std::make_unique<State>(options, std::move(*store), clock, observer);
  // Index and history on one side, the engine on the other: each folds what it has not seen.
  std::expected<void, Error> caught_up;
  std::thread behind([&] { caught_up = state->store->CatchUp(); });
  const auto recovered = state->engine.Recover();
  behind.join();
  if (!caught_up) return std::unexpected(caught_up.error());
  if (!recovered) return std::unexpected(recovered.error());
  if (auto committed = state->control.Start(state->engine.blocks(), state->engine.groups(), options.blocked);
      !committed)
    return std::unexpected(committed.error());
  IndexRunner& indexer = state->indexer;
  indexer.Start();
  state->engine.Start(
      {.busy = [&indexer] { return indexer.SavingCheckpoint(); },
       .take = [&indexer](BlockSeq at, std::string bytes) { indexer.SaveCheckpoint(at, std::move(bytes)); }});
  state->writer = std::thread(&State::Write, state.get());
  return std::unique_ptr<Pipeline>(new Pipeline(std::move(state)));
}

Pipeline::Pipeline(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pipeline::~Pipeline() {
  Stop();
}

void Pipeline::Submit(PostBatch batch, std::move_only_function<void(std::expected<Committed, Error>)> done) {
  if (batch.empty()) return done(Committed{});
  if (const auto writable = state_->Writable(); !writable) return done(std::unexpected(writable.error()));
  const std::size_t posts = batch.size();
  if (posts > 0 && state_->quota_reached)  // what only takes posts back makes room
    return done(std::unexpected(Error{"quota_reached", "The stream has as many bytes as it may. Nothing was stored."}));
  Work work{.batch = std::move(batch), .committed = std::move(done), .retract = {}, .retracted = {}};
  state_->accepted_posts.fetch_add(posts, std::memory_order_relaxed);
  const WorkQueue::Put put = state_->work.TryPut(work);
  if (put == WorkQueue::Put::kTaken) return;
  state_->accepted_posts.fetch_sub(posts, std::memory_order_relaxed);
  work.committed(std::unexpected(put == WorkQueue::Put::kFull ? Overloaded() : Draining()));
}

void Pipeline::Retract(const PostKey& key, std::move_only_function<void(std::expected<void, Error>)> done) {
  if (const auto writable = state_->Writable(); !writable) return done(std::unexpected(writable.error()));
  Work work{.batch = {}, .committed = {}, .retract = key, .retracted = std::move(done)};
  const WorkQueue::Put put = state_->work.TryPut(work);
  if (put != WorkQueue::Put::kTaken)
    work.retracted(std::unexpected(put == WorkQueue::Put::kFull ? Overloaded() : Draining()));
}

void Pipeline::ChangeBlock(BlockCall call, std::move_only_function<void(std::expected<BlockAnswer, Error>)> done) {
  state_->Errand([state = state_.get(), call = std::move(call), done = std::move(done)](auto turn) mutable {
    done(turn ? state->control.Block(call) : std::unexpected(turn.error()));
  });
}

void Pipeline::ChangeAlias(AliasCall call, std::move_only_function<void(std::expected<AliasAnswer, Error>)> done) {
  state_->Errand([state = state_.get(), call = std::move(call), done = std::move(done)](auto turn) mutable {
    done(turn ? state->control.Group(call) : std::unexpected(turn.error()));
  });
}

void Pipeline::Errand(std::move_only_function<void(std::expected<void, Error>)> errand) {
  state_->Errand(std::move(errand));
}

const TopicAliases& Pipeline::aliases() const {
  return state_->control.aliases();
}

const TopicBlocks& Pipeline::blocks() const {
  return state_->control.blocks();
}

void Pipeline::Ask(std::move_only_function<void(const Engine&)> question) {
  state_->engine.Ask(std::move(question));
}

void Pipeline::AskAt(Timestamp at, PastRunner::Question question) {
  state_->past.Ask(at, std::move(question));
}

void Pipeline::ReadAtLength(SideThread::Job job) {
  state_->reader.Put(std::move(job));
}

void Pipeline::Drain() {
  while (lag_posts() > 0 || state_->work.posts() > 0) {
    state_->engine.queue().Drain();
    std::this_thread::yield();
  }
  state_->engine.queue().Drain();
  state_->indexer.queue().Drain();
  state_->hub.Drain();
}

void Pipeline::Stop() {
  if (state_->stopped.exchange(true)) return;
  state_->work.Close();
  if (state_->writer.joinable()) state_->writer.join();
  state_->past.Stop();
  state_->reader.Stop();
  state_->engine.Stop();
  state_->indexer.Stop();
  state_->hub.Stop();
  if (const auto synced = state_->store->log().Sync(); !synced)
    Log(LogLevel::kError, "last sync failed", {{"detail", synced.error().detail}});
}

Store& Pipeline::store() {
  return *state_->store;
}
EventHub& Pipeline::hub() {
  return state_->hub;
}

Minute Pipeline::BoardsUntil() const {
  return state_->engine.boards_until();
}

std::uint64_t Pipeline::lag_posts() const {
  const std::uint64_t counted = std::min(state_->engine.counted_posts(), state_->indexer.counted_posts());
  const std::uint64_t accepted = state_->accepted_posts.load(std::memory_order_relaxed);
  return accepted > counted ? accepted - counted : 0;
}

std::size_t Pipeline::queue_posts() const {
  return state_->work.posts();
}
std::size_t Pipeline::queue_bytes() const {
  return state_->work.bytes();
}
bool Pipeline::overloaded() const {
  return state_->work.full();
}
bool Pipeline::healthy() const {
  return state_->Healthy();
}

}  // namespace tagswell
