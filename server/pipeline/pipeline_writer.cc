// The writer's thread: takes what waits, commits it in blocks, answers, and hands the blocks on.
#include <algorithm>
#include <utility>

#include "server/logging.h"
#include "server/pipeline/pipeline_state.h"
#include "server/pipeline/refusals.h"
#include "server/thread_role.h"

namespace tagswell {
namespace {

// How often the writer looks up when nothing comes: for syncs that are due and for room on the disk.
constexpr std::chrono::milliseconds kIdle{100};
constexpr std::size_t kLongReadsWaitingMax = 16;

EngineOptions WithSalt(EngineOptions options, HashSalt salt) {
  options.salt = salt;
  return options;
}

}  // namespace

Pipeline::State::State(const PipelineOptions& opened, std::unique_ptr<Store> opened_store, const Clock& the_clock,
                       PipelineObserver* the_observer)
    : options(opened),
      clock(the_clock),
      steadied(clock, uptime),
      observer(the_observer),
      store(std::move(opened_store)),
      hub(store->events(), store->epoch()),
      engine(WithSalt(options.engine, store->salt()), {options.checkpoint_posts, options.checkpoint_interval}, *store,
             hub, uptime, observer),
      indexer(*store),
      checkpoints(*store, indexer),
      past(*store, WithSalt(options.engine, store->salt())),
      reader("reader", kLongReadsWaitingMax),
      work(options.queue_posts_max, options.queue_bytes_max),
      remover(*store, [this](PostBatch batch, auto done) { Submit(std::move(batch), std::move(done)); }),
      control(store->log(), clock, options.aliases,
              {.engine_time = [this] { return EngineTime(); },
               .hand_on =
                   [this](std::shared_ptr<const LogBlock> block) {
                     accepted_posts.fetch_add(block->size(), std::memory_order_relaxed);
                     HandOn(std::move(block));
                   },
               .fail = [this](const Error& error) { FailCommit(error); }}) {}

Timestamp Pipeline::State::EngineTime() const {
  if (options.clock == EngineClock::kEvent) return store->log().LastClock();
  return std::max(store->log().LastClock(), steadied.Now() - options.engine.lateness);
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
  if (revised && !revision.batch.gone_authors.empty()) {
    const auto gone = store->removals().Add(revision.batch.gone_authors, store->log().LastSeq());
    if (!gone) revised = std::unexpected(gone.error());
  }
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
  if (of.errand) return of.errand(std::unexpected(error));
  of.committed(std::unexpected(error));
}

std::expected<void, Error> Pipeline::State::Retract(const PostKey& key) {
  const auto post = store->log().Find(key);
  if (!post) return std::unexpected(post.error());
  if (!*post) return std::unexpected(Error{"not_found", "There is no such post."});
  auto block = store->log().AppendRetraction((*post)->position, EngineTime());
  if (!block) {
    FailCommit(block.error());
    return std::unexpected(block.error());
  }
  accepted_posts.fetch_add((*block)->size(), std::memory_order_relaxed);
  HandOn(std::move(*block));
  return {};
}

void Pipeline::State::Errand(std::move_only_function<void(std::expected<void, Error>)> errand) {
  if (const auto writable = Writable(); !writable) return errand(std::unexpected(writable.error()));
  Work waiting{.batch = {}, .committed = {}, .errand = std::move(errand)};
  const WorkQueue::Put put = work.TryPut(waiting);
  if (put != WorkQueue::Put::kTaken) waiting.errand(std::unexpected(NotTaken(put)));
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
  if (const auto synced = store->log().SyncIfDue(uptime.Now()); !synced) FailCommit(synced.error());
}

// Asks the whole database, so not with every commit.
void Pipeline::State::CheckQuota() {
  if (options.store_bytes_max == 0 || uptime.Now() < quota_due) return;
  quota_reached = store->Stats().bytes() >= options.store_bytes_max;
  quota_due = uptime.Now() + kIdle;
}

void Pipeline::State::Write() {
  TakeRole("writer", Urgency::kAnswering);
  while (true) {
    std::vector<Work> taken = work.Take(options.block_posts_max, kIdle);
    if (taken.empty() && work.closed()) return;
    store->RefreshFreeBytes();
    CheckQuota();
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
    const auto end = std::find_if(begin, taken.end(), [](const Work& of) { return of.errand || of.batch.revises(); });
    if (begin != end) CommitBatches({begin, end});
    begin = end;
    if (begin == taken.end()) break;
    if (begin->errand) {
      begin->errand({});
    } else {
      CommitRevision(*begin);
    }
    ++begin;
  }
}

void Pipeline::State::Submit(PostBatch batch, std::move_only_function<void(std::expected<Committed, Error>)> done) {
  if (batch.empty()) return done(Committed{});
  if (const auto writable = Writable(); !writable) return done(std::unexpected(writable.error()));
  if (!batch.gone_authors.empty() && store->removals().full()) return done(std::unexpected(Overloaded()));
  const std::size_t posts = batch.size();
  if (posts > 0 && quota_reached)  // what only takes posts back makes room
    return done(std::unexpected(QuotaReached()));
  Work waiting{.batch = std::move(batch), .committed = std::move(done)};
  accepted_posts.fetch_add(posts, std::memory_order_relaxed);
  const WorkQueue::Put put = work.TryPut(waiting);
  if (put == WorkQueue::Put::kTaken) return;
  accepted_posts.fetch_sub(posts, std::memory_order_relaxed);
  waiting.committed(std::unexpected(NotTaken(put)));
}

}  // namespace tagswell
