#include "server/pipeline/engine_runner.h"

#include <span>
#include <utility>
#include <vector>

#include "server/logging.h"

namespace tagswell {
namespace {

// About as much as the writer may have waiting: enough to ride out a slow moment, little enough to bound the lag.
constexpr std::size_t kQueuePostsMax = 500'000;

}  // namespace

EngineRunner::EngineRunner(const EngineOptions& options, const CheckpointRule& rule, Store& store, EventHub& hub, const Clock& clock,
                           PipelineObserver* observer)
    : store_(store), hub_(hub), clock_(clock), observer_(observer), rule_(rule), options_(options), queue_(kQueuePostsMax), engine_(MakeEngine()), saved_at_(clock.Now()) {}

EngineRunner::~EngineRunner() { Stop(); }

std::unique_ptr<Engine> EngineRunner::MakeEngine() {
  auto engine = std::make_unique<Engine>(options_);
  // A minute of a full stream takes a while to close: nobody who asks waits for that.
  engine->SetYield([this] {
    while (auto errand = queue_.TakeErrand()) (*errand)();
  });
  return engine;
}

std::expected<void, Error> EngineRunner::Recover() {
  auto checkpoint = store_.checkpoints().LoadNewest(store_.log().LastSeq());
  if (!checkpoint) return std::unexpected(checkpoint.error());
  if (*checkpoint) {
    if (const auto loaded = engine_->Load((*checkpoint)->bytes); loaded) {
      folded_ = saved_ = (*checkpoint)->at;
    } else {
      // Of another version, most likely. The log is the truth: fold it from its beginning.
      Log(LogLevel::kWarn, "checkpoint cannot be used, reading the whole log", {{"detail", loaded.error().detail}});
      engine_ = MakeEngine();
    }
  }
  std::expected<void, Error> announced;
  auto read = store_.log().Read(Next(folded_), [this, &announced](const LogBlock& block) {
    Fold(block);
    announced = Announce();
    return announced.has_value();
  });
  if (!announced) return announced;
  return read;
}

void EngineRunner::Start(SaveCheckpoint save) {
  save_ = std::move(save);
  thread_ = std::thread(&EngineRunner::Run, this);
}

void EngineRunner::Fold(const LogBlock& block) {
  engine_->Advance(block.clock);
  std::size_t posts = 0;                 // of posts_, decoded and not yet added
  const auto add_before = [&](std::size_t place) {
    engine_->Add(std::span(posts_).first(posts), {static_cast<std::uint64_t>(block.seq), static_cast<std::uint32_t>(place - posts)});
    posts = 0;
  };
  for (std::size_t i = 0; i < block.size(); ++i) {
    // The block's checksum held and we wrote it: a record that does not decode is a fault of ours.
    const bool decoded = DecodeRecord(block.RecordAt(i), record_).has_value();
    if (!decoded) {
      Log(LogLevel::kError, "record does not decode", {{"block", static_cast<std::uint64_t>(block.seq)}, {"record", i}});
      failed_ = true;
    }
    if (decoded && record_.kind == RecordKind::kPost) {
      std::swap(posts_[posts++], record_.post);
      if (posts == posts_.size()) add_before(i + 1);
      continue;
    }
    add_before(i);
    if (decoded && record_.kind == RecordKind::kRetraction) engine_->Retract(record_.post);
  }
  add_before(block.size());
  folded_ = block.seq;
  posts_since_save_ += block.size();
}

std::expected<void, Error> EngineRunner::Announce() {
  std::vector<TrendEvent> events = engine_->TakeEvents();
  if (events.empty()) return {};
  for (TrendEvent& event : events) {
    if (!event.first_place) continue;
    const auto post = store_.log().At({BlockSeq{event.first_place->block}, event.first_place->index});
    if (!post || !*post) continue;
    const Post& first = (*post)->record.post;
    event.first_post = PostRef{std::string(first.source), std::string(first.id), std::string(first.author), first.created_at};
  }
  if (auto stored = store_.events().Append(events); !stored) return stored;
  hub_.Publish(events);
  if (observer_ != nullptr) {
    for (const TrendEvent& event : events) observer_->OnEvent(event);
  }
  return {};
}

void EngineRunner::CheckpointIfDue(bool last) {
  const bool due = posts_since_save_ >= rule_.posts || clock_.Now() - saved_at_ >= rule_.interval;
  if (folded_ == saved_ || (!due && !last)) return;
  save_(folded_, engine_->Save());
  saved_ = folded_;
  posts_since_save_ = 0;
  saved_at_ = clock_.Now();
}

void EngineRunner::Run() {
  while (auto next = queue_.Take()) {
    if (auto* errand = std::get_if<BlockQueue::Errand>(&*next)) {
      (*errand)();
      continue;
    }
    const auto& block = std::get<BlockQueue::Block>(*next);
    Fold(*block);
    if (const auto announced = Announce(); !announced) {
      Log(LogLevel::kError, "events cannot be stored", {{"code", announced.error().code}, {"detail", announced.error().detail}});
      failed_ = true;
    }
    counted_posts_.fetch_add(block->size(), std::memory_order_relaxed);
    CheckpointIfDue(false);
    queue_.Done();
  }
  CheckpointIfDue(true);
}

void EngineRunner::Stop() {
  if (!thread_.joinable()) return;
  queue_.Close();
  thread_.join();
}

}  // namespace tagswell
