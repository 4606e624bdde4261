#include "server/pipeline/engine_runner.h"

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
    : store_(store), hub_(hub), clock_(clock), observer_(observer), rule_(rule), options_(options), engine_(std::make_unique<Engine>(options)), queue_(kQueuePostsMax), saved_at_(clock.Now()) {}

EngineRunner::~EngineRunner() { Stop(); }

std::expected<void, Error> EngineRunner::Recover() {
  auto checkpoint = store_.checkpoints().LoadNewest(store_.log().LastSeq());
  if (!checkpoint) return std::unexpected(checkpoint.error());
  if (*checkpoint) {
    if (const auto loaded = engine_->Load((*checkpoint)->bytes); loaded) {
      folded_ = saved_ = (*checkpoint)->at;
    } else {
      // Of another version, most likely. The log is the truth: fold it from its beginning.
      Log(LogLevel::kWarn, "checkpoint cannot be used, reading the whole log", {{"detail", loaded.error().detail}});
      engine_ = std::make_unique<Engine>(options_);
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
  for (std::size_t i = 0; i < block.size(); ++i) {
    // The block's checksum held and we wrote it: a record that does not decode is a fault of ours.
    if (const auto decoded = DecodeRecord(block.RecordAt(i), record_); !decoded) {
      Log(LogLevel::kError, "record does not decode", {{"block", static_cast<std::uint64_t>(block.seq)}, {"record", i}});
      failed_ = true;
      continue;
    }
    if (record_.kind == RecordKind::kPost) engine_->Add(record_.post, {static_cast<std::uint64_t>(block.seq), static_cast<std::uint32_t>(i)});
    if (record_.kind == RecordKind::kRetraction) engine_->Retract(record_.post);
  }
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
