#include "server/commands/pipeline_sink.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <utility>

#include "proto/body_parser.h"
#include "server/api/stream.h"
#include "server/commands/temporary_directory.h"
#include "server/pipeline/pipeline.h"

namespace tagswell {
namespace {

// Enough to keep the writer busy while the next chunk is parsed, and far below the bounds of its queue, so that no
// batch is ever refused and none overtakes another.
constexpr std::size_t kBatchesInFlightMax = 8;

PipelineOptions OptionsOf(const Config& config, const std::filesystem::path& dir, bool temporary) {
  PipelineOptions options = PipelineOptionsOf(config);
  options.store.dir = dir;
  if (temporary) {
    options.store.fsync = FsyncPolicy::kNever;
    // Nobody resumes from a store that is gone: the same posts shall give the same file.
    options.store.epoch = "0000000000000000";
  } else if (!options.store.salt) {
    options.store.salt = DrawSalt();
  }
  options.clock = EngineClock::kEvent;
  options.queue_posts_max = PipelineOptions().queue_posts_max;
  options.queue_bytes_max = PipelineOptions().queue_bytes_max;
  return options;
}

}  // namespace

struct PipelineSink::State {
  State(TopicResolver created, OnRejected hears_of_rejected)
      : resolver(std::move(created)), on_rejected(std::move(hears_of_rejected)) {}

  void OnCommitted(const std::expected<Committed, Error>& committed);
  std::uint64_t Mentions();

  // In the order of their lifetimes: the pipeline's threads use what stands above it.
  std::optional<TemporaryDirectory> temporary;
  WallClock clock;
  TopicResolver resolver;
  OnRejected on_rejected;
  std::chrono::seconds future{0};
  std::uint64_t mentions_before = 0;

  std::mutex mutex;
  std::condition_variable committed_one;
  std::size_t in_flight = 0;     // guarded by mutex
  ReplayTotals totals;           // guarded by mutex
  std::optional<Error> failure;  // guarded by mutex

  std::optional<BodyParser> parser;
  std::unique_ptr<Pipeline> pipeline;
};

std::expected<std::unique_ptr<PipelineSink>, Error> PipelineSink::Open(
    const Config& config, const std::optional<std::filesystem::path>& data_dir, OnEvent on_event,
    OnRejected on_rejected) {
  auto resolver = TopicResolver::Create(config.aliases);
  if (!resolver) return std::unexpected(resolver.error());
  auto state = std::make_unique<State>(std::move(*resolver), std::move(on_rejected));
  state->future = std::chrono::seconds(config.future_seconds);
  if (!data_dir) {
    auto temporary = TemporaryDirectory::Create();
    if (!temporary) return std::unexpected(temporary.error());
    state->temporary = std::move(*temporary);
  }
  const PipelineOptions options =
      OptionsOf(config, data_dir ? *data_dir : state->temporary->path() / "store", !data_dir);
  auto pipeline = Pipeline::Open(options, state->clock, nullptr);
  if (!pipeline) return std::unexpected(pipeline.error());
  state->pipeline = std::move(*pipeline);
  Store& store = state->pipeline->store();
  state->parser.emplace(state->resolver, store.salt());
  state->pipeline->hub().SetListener(
      [told = std::move(on_event), epoch = store.epoch()](const TrendEvent& event) { told(event, epoch); });
  state->mentions_before = state->Mentions();
  return std::unique_ptr<PipelineSink>(new PipelineSink(std::move(state)));
}

PipelineSink::PipelineSink(std::unique_ptr<State> state) : state_(std::move(state)) {}

PipelineSink::~PipelineSink() {
  state_->pipeline->Stop();
}

std::expected<void, Error> PipelineSink::Take(const ArchiveChunk& chunk, const PostForm& form) {
  auto parsed = state_->parser->Parse(form.format, form.shape, chunk.lines, state_->clock.Now() + state_->future);
  if (!parsed) return std::unexpected(parsed.error());
  for (LineError& error : parsed->errors) {
    error.line += chunk.first_line - 1;
    state_->on_rejected(error);
  }
  std::unique_lock lock(state_->mutex);
  state_->totals.rejected += parsed->rejected;
  state_->totals.ignored += parsed->ignored;
  state_->committed_one.wait(lock, [&] { return state_->in_flight < kBatchesInFlightMax || state_->failure; });
  if (state_->failure) return std::unexpected(*state_->failure);
  if (parsed->batch.empty()) return {};
  ++state_->in_flight;
  lock.unlock();
  state_->pipeline->Submit(std::move(parsed->batch), [state = state_.get()](std::expected<Committed, Error> committed) {
    state->OnCommitted(committed);
  });
  return {};
}

void PipelineSink::State::OnCommitted(const std::expected<Committed, Error>& committed) {
  const std::scoped_lock lock(mutex);
  --in_flight;
  if (committed) {
    totals.accepted += committed->accepted;
    totals.duplicates += committed->duplicates.size();
    totals.retracted += committed->retracted;
    totals.ignored += committed->unknown;
  } else if (!failure) {
    failure = committed.error();
  }
  committed_one.notify_all();
}

std::uint64_t PipelineSink::State::Mentions() {
  std::promise<std::uint64_t> answer;
  std::future<std::uint64_t> mentions = answer.get_future();
  pipeline->Ask([kept = std::move(answer)](const Engine& engine) mutable { kept.set_value(engine.Stats().mentions); });
  return mentions.get();
}

std::expected<ReplayTotals, Error> PipelineSink::Finish() {
  std::unique_lock lock(state_->mutex);
  state_->committed_one.wait(lock, [&] { return state_->in_flight == 0; });
  if (state_->failure) return std::unexpected(*state_->failure);
  lock.unlock();
  state_->pipeline->Drain();
  if (!state_->pipeline->healthy()) return std::unexpected(Error{"storage_failed", "the store cannot be written"});
  ReplayTotals totals = state_->totals;
  totals.mentions = state_->Mentions() - state_->mentions_before;
  return totals;
}

}  // namespace tagswell
