#include "server/pipeline/pipeline.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "server/logging.h"
#include "server/pipeline/pipeline_state.h"
#include "server/pipeline/refusals.h"

namespace tagswell {
namespace {

// Smaller bodies come with their heads: nothing has to be kept free for them.
constexpr std::uint64_t kAwaitedBytesMin = 16 * 1024;

}  // namespace

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
  if (auto committed = state->control.Start(state->engine.blocks(), state->engine.reviews(), state->engine.groups(),
                                            {.blocked = options.blocked, .review = options.review});
      !committed)
    return std::unexpected(committed.error());
  state->indexer.Start();
  CheckpointRunner& checkpoints = state->checkpoints;
  state->engine.SetTaker(
      {.busy = [&checkpoints] { return checkpoints.busy(); },
       .begin = [&checkpoints](BlockSeq at, Timestamp time) { return checkpoints.Begin(at, time); }});
  state->remover.Start();
  state->engine.Start();
  state->writer = std::thread(&State::Write, state.get());
  return std::unique_ptr<Pipeline>(new Pipeline(std::move(state)));
}

Pipeline::Pipeline(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pipeline::~Pipeline() {
  Stop();
}

void Pipeline::Submit(PostBatch batch, std::move_only_function<void(std::expected<Committed, Error>)> done) {
  state_->Submit(std::move(batch), std::move(done));
}

void Pipeline::Retract(const PostKey& key, std::move_only_function<void(std::expected<void, Error>)> done) {
  state_->Errand([state = state_.get(), key, done = std::move(done)](auto turn) mutable {
    done(turn ? state->Retract(key) : turn);
  });
}

void Pipeline::ChangeBlock(BlockCall call, std::move_only_function<void(std::expected<BlockAnswer, Error>)> done) {
  state_->Errand([state = state_.get(), call = std::move(call), done = std::move(done)](auto turn) mutable {
    done(turn ? state->control.Block(call) : std::unexpected(turn.error()));
  });
}

void Pipeline::ChangeReview(ReviewCall call, std::move_only_function<void(std::expected<ReviewAnswer, Error>)> done) {
  state_->Errand([state = state_.get(), call = std::move(call), done = std::move(done)](auto turn) mutable {
    done(turn ? state->control.Review(call) : std::unexpected(turn.error()));
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

const TopicReviews& Pipeline::reviews() const {
  return state_->control.reviews();
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
  state_->remover.Stop();
  state_->work.Close();
  if (state_->writer.joinable()) state_->writer.join();
  state_->past.Stop();
  state_->reader.Stop();
  state_->engine.Stop();
  state_->checkpoints.Stop();
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

Minute Pipeline::TopEnd() const {
  return state_->engine.top_end();
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
Timestamp Pipeline::Present() const {
  return state_->steadied.Now();
}
bool Pipeline::healthy() const {
  return state_->Healthy();
}
std::optional<Error> Pipeline::Refusal() const {
  if (auto writable = state_->Writable(); !writable) return std::move(writable.error());
  if (state_->work.full()) return Overloaded();
  return std::nullopt;
}

std::expected<std::shared_ptr<const void>, Error> Pipeline::LetIn(std::uint64_t body_bytes) {
  if (auto refusal = Refusal()) return std::unexpected(std::move(*refusal));
  if (body_bytes < kAwaitedBytesMin) return nullptr;
  const Timestamp now = state_->uptime.Now();
  const Arrivals::Coming coming = state_->arrivals.At(now);
  if (state_->work.posts() + coming.posts >= state_->options.queue_posts_max ||
      state_->work.bytes() + coming.bytes >= state_->options.queue_bytes_max) {
    return std::unexpected(Overloaded());
  }
  return state_->arrivals.Expect(body_bytes, now);
}

void Pipeline::LearnBody(std::uint64_t body_bytes, std::uint64_t posts) {
  if (body_bytes >= kAwaitedBytesMin) state_->arrivals.Learn(body_bytes, posts);
}

}  // namespace tagswell
