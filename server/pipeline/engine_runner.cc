#include "server/pipeline/engine_runner.h"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>
#include <vector>

#include "server/logging.h"
#include "server/thread_role.h"

namespace tagswell {
namespace {

// Enough for a dense minute to close while posts go on coming, a second or two of work: a full queue makes the writer,
// and so every answer, wait. Not more: what waits for long is read from cold memory, which costs a tenth of a post's
// time.
constexpr std::size_t kQueuePostsMax = 600'000;
// A large state is saved less often: less than the log itself takes is written for it.
constexpr std::uint64_t kCheckpointBytesPerPost = 60;
// But no more than so many times the posts of the rule, which the next start has to fold: with twice, it is ready
// within five seconds.
constexpr std::uint64_t kCheckpointPostsFactor = 2;

}  // namespace

EngineRunner::EngineRunner(const EngineOptions& options, const CheckpointRule& rule, Store& store, EventHub& hub,
                           const Clock& uptime, PipelineObserver* observer)
    : store_(store),
      hub_(hub),
      uptime_(uptime),
      observer_(observer),
      rule_(rule),
      options_(options),
      queue_(kQueuePostsMax),
      engine_(MakeEngine()),
      folder_(store.log(), [this] { AnswerQuestions(); }),
      saved_at_(uptime.Now()),
      top_end_(engine_->TopEnd()) {}

EngineRunner::~EngineRunner() {
  Stop();
}

std::unique_ptr<Engine> EngineRunner::MakeEngine() {
  auto engine = std::make_unique<Engine>(options_);
  // A minute of a full stream takes a while to close: nobody who asks waits for that.
  engine->SetYield([this] { AnswerQuestions(); });
  engine->SetMinuteEnd([this](Minute at) {
    for (const Board& board : engine_->Boards()) store_.boards().Add(board.scope, at, board.rows);
  });
  return engine;
}

void EngineRunner::AnswerQuestions() {
  while (auto errand = queue_.TakeErrand()) (*errand)();
}

std::expected<void, Error> EngineRunner::Recover() {
  auto checkpoint = store_.checkpoints().LoadNewest(store_.log().LastSeq());
  if (!checkpoint) return std::unexpected(checkpoint.error());
  if (*checkpoint) {
    if (const auto loaded = engine_->Load((*checkpoint)->bytes); loaded) {
      folded_ = saved_ = (*checkpoint)->at;
      saved_bytes_ = (*checkpoint)->bytes.size();
      boards_until_ = engine_->closed_until();
      top_end_ = engine_->TopEnd();
    } else {
      // Of another version, most likely. The log is the truth: fold it from its beginning.
      Log(LogLevel::kWarn, "checkpoint cannot be used, reading the whole log", {{"detail", loaded.error().detail}});
      engine_ = MakeEngine();
    }
  }
  if (folded_ == BlockSeq{0} && store_.log().FirstSeq() > BlockSeq{1}) {
    if (auto begun = BeginInTheMiddle(); !begun) return begun;
  }
  std::expected<void, Error> announced;
  auto read = store_.log().Read(Next(folded_), [this, &announced](const LogBlock& block) {
    Fold(block);
    announced = Announce();
    return announced.has_value();
  });
  told_until_.reset();
  if (!announced) return announced;
  return read;
}

void EngineRunner::Start() {
  thread_ = std::thread(&EngineRunner::Run, this);
}

void EngineRunner::Fold(const LogBlock& block) {
  const auto on_retraction = [this](const Post& post, Position retraction) {
    Post counted = post;  // under its tags and under the groups they belong to
    engine_->groups().Extend(counted);
    store_.boards().AddTakenBack(counted, engine_->closed_until(), retraction);
  };
  if (!folder_.Fold(block, *engine_, on_retraction)) failed_ = true;
  folded_ = block.seq;
  top_end_.store(engine_->TopEnd(), std::memory_order_relaxed);
  posts_since_save_ += block.size();
}

// The engine begins with the oldest block that is kept. What it announces then of the time that was told already is not
// what was told, whose causes are gone in part: that stays, and the rest is numbered behind it.
std::expected<void, Error> EngineRunner::BeginInTheMiddle() {
  const EventLog& events = store_.events();
  told_until_ = kTimestampMin;
  engine_->NumberFrom(events.LastSeq() + 1);
  if (events.LastSeq() == 0) return {};
  const auto last = events.ReadRange(events.LastSeq(), events.LastSeq());
  if (!last) return std::unexpected(last.error());
  for (const TrendEvent& event : *last) told_until_ = event.time;
  return {};
}

// `waiting`: events before them that are not stored yet.
std::vector<TrendEvent> EngineRunner::TakeEvents(std::size_t waiting) {
  std::vector<TrendEvent> events = engine_->TakeEvents();
  if (!told_until_) return events;
  std::erase_if(events, [this](const TrendEvent& event) { return event.time <= *told_until_; });
  std::uint64_t next = store_.events().LastSeq() + waiting + 1;
  for (TrendEvent& event : events) event.seq = next++;
  engine_->NumberFrom(next);
  return events;
}

std::expected<void, Error> EngineRunner::Announce() {
  // Room on the disk comes back; then they are written with the next block's.
  const auto written = store_.boards().Write();
  if (!written && written.error().code != "disk_full") return written;
  if (written) boards_until_.store(engine_->closed_until(), std::memory_order_relaxed);
  std::vector<TrendEvent> events = std::exchange(untold_, {});
  const std::size_t told_again = events.size();
  std::ranges::move(TakeEvents(told_again), std::back_inserter(events));
  if (events.empty()) return {};
  for (TrendEvent& event : events | std::views::drop(told_again)) {
    if (!event.first_place) continue;
    // As the log was: a fold after a crash tells what was told before it.
    const auto post = store_.log().At({BlockSeq{event.first_place->block}, event.first_place->index}, folded_);
    if (!post || !*post) continue;
    const Post& first = (*post)->record.post;
    event.first_post =
        PostRef{std::string(first.source), std::string(first.id), std::string(first.author), first.created_at};
  }
  if (auto stored = store_.events().Append(events); !stored) {
    if (stored.error().code != "disk_full") return stored;
    // It passes; then they come with the next block.
    Log(LogLevel::kWarn, "events wait for room on the disk", {{"events", events.size()}});
    untold_ = std::move(events);
    return {};
  }
  hub_.Publish(events);
  if (observer_ != nullptr) {
    for (const TrendEvent& event : events) observer_->OnEvent(event);
  }
  return {};
}

void EngineRunner::CheckpointIfDue(bool last) {
  const std::uint64_t posts =
      std::clamp(saved_bytes_ / kCheckpointBytesPerPost, rule_.posts, kCheckpointPostsFactor * rule_.posts);
  const bool due = posts_since_save_ >= posts || uptime_.Now() - saved_at_ >= rule_.interval;
  if (folded_ == saved_ || (!last && (!due || taker_.busy()))) return;
  // The state has told events and made boards that are not stored yet: a start from it would never make them again.
  if (failed_ || !untold_.empty() || store_.boards().pending()) return;
  const StateSink sink = taker_.begin(folded_, StartOf(engine_->closed_until()));
  saved_bytes_ = 0;
  engine_->Save([&](std::string piece) {
    saved_bytes_ += piece.size();
    sink(std::move(piece));
  });
  saved_ = folded_;
  posts_since_save_ = 0;
  saved_at_ = uptime_.Now();
}

void EngineRunner::Step(const LogBlock& block) {
  Fold(block);
  if (const auto announced = Announce(); !announced) {
    Log(LogLevel::kError, "events cannot be stored",
        {{"code", announced.error().code}, {"detail", announced.error().detail}});
    failed_ = true;
  }
  counted_posts_.fetch_add(block.size(), std::memory_order_relaxed);
  CheckpointIfDue(false);
}

void EngineRunner::Run() {
  TakeRole("engine", Urgency::kCounting);
  while (auto next = queue_.Take()) {
    if (auto* errand = std::get_if<BlockQueue::Errand>(&*next)) {
      (*errand)();
      continue;
    }
    Step(*std::get<BlockQueue::Block>(*next));
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
