#include "server/pipeline/past_runner.h"

#include <utility>

#include "proto/post_codec.h"
#include "server/pipeline/block_folder.h"
#include "server/pipeline/side_thread.h"

namespace tagswell {
namespace {

constexpr std::size_t kWaitingMax = 4;

// Folds a block into the engine up to `at` and not a minute further. True when its time has come there.
bool FoldUntil(const LogBlock& block, Timestamp at, Duration lateness, const BlockFolder& folder, Engine& engine,
               Record& record) {
  const auto reached = [&](Timestamp time) {
    if (time >= at) engine.Advance(at);
    return time >= at;
  };
  if (reached(block.clock)) return true;
  engine.Advance(block.clock);
  for (std::uint32_t i = 0; i < block.size(); ++i) {
    if (!DecodeRecord(block.RecordAt(i), record)) continue;  // logged when it was counted first
    if (record.kind == RecordKind::kRetraction) engine.Retract(record.post);
    if (record.kind == RecordKind::kControl) folder.Apply(record, block.seq, engine);
    if (record.kind != RecordKind::kPost) continue;
    if (reached(record.post.created_at - lateness)) return true;
    engine.Add(record.post, {static_cast<std::uint64_t>(block.seq), i});
  }
  return false;
}

}  // namespace

struct PastRunner::State {
  State(Store& of, const EngineOptions& with) : store(of), options(with), thread("past", kWaitingMax) {}

  std::expected<std::unique_ptr<Engine>, Error> EngineAt(Timestamp at);

  Store& store;
  const EngineOptions options;
  SideThread thread;  // last: it uses the rest
};

std::expected<std::unique_ptr<Engine>, Error> PastRunner::State::EngineAt(Timestamp at) {
  auto engine = std::make_unique<Engine>(options);
  BlockSeq folded{0};
  // The newest checkpoint that is not later.
  for (BlockSeq last = store.log().LastSeq();;) {
    auto checkpoint = store.checkpoints().LoadNewest(last);
    if (!checkpoint) return std::unexpected(checkpoint.error());
    if (!*checkpoint) break;
    const bool loaded = engine->Load((*checkpoint)->bytes).has_value();
    if (loaded && engine->Stats().engine_time <= at) {
      folded = (*checkpoint)->at;
      break;
    }
    engine = std::make_unique<Engine>(options);
    if ((*checkpoint)->at == BlockSeq{0}) break;
    last = BlockSeq{static_cast<std::uint64_t>((*checkpoint)->at) - 1};
  }
  if (folded == BlockSeq{0} && store.log().FirstSeq() > BlockSeq{1}) {
    const auto oldest = store.log().OldestPost();
    if (!oldest) return std::unexpected(oldest.error());
    if (at < oldest->value_or(at)) {
      return std::unexpected(Error{"not_kept", "The posts of that time are not kept any more.", "at"});
    }
  }
  const BlockFolder folder(store.log());
  Record record;
  std::uint64_t posts = 0;
  bool reached = false;
  const auto read = store.log().Read(Next(folded), [&](const LogBlock& block) {
    if (thread.stopping() || posts > kPostsMax) return false;
    reached = FoldUntil(block, at, options.lateness, folder, *engine, record);
    engine->TakeEvents();
    posts += block.size();
    return !reached;
  });
  if (!read) return std::unexpected(read.error());
  if (thread.stopping()) return std::unexpected(Error{"draining", "The server is shutting down. Try again later."});
  if (!reached && posts > kPostsMax) {
    return std::unexpected(
        Error{"too_far_back", "Too many posts would have to be counted again to look back to that instant.", "at"});
  }
  return engine;
}

PastRunner::PastRunner(Store& store, const EngineOptions& options) : state_(std::make_unique<State>(store, options)) {}
PastRunner::~PastRunner() = default;

void PastRunner::Ask(Timestamp at, Question question) {
  state_->thread.Put([state = state_.get(), at, question = std::move(question)](auto turn) mutable {
    if (!turn) return question(std::unexpected(turn.error()));
    const auto engine = state->EngineAt(at);
    if (!engine) return question(std::unexpected(engine.error()));
    question(std::cref(**engine));
  });
}

void PastRunner::Stop() {
  state_->thread.Stop();
}

}  // namespace tagswell
