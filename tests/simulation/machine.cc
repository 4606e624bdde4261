#include "tests/simulation/machine.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <type_traits>
#include <utility>

#include "server/pipeline/block_folder.h"

namespace tagswell::simulation {
namespace {

StoreOptions OptionsOf(const std::filesystem::path& dir) {
  StoreOptions options;
  options.dir = dir;
  options.fsync = FsyncPolicy::kNever;  // the process ends, not the machine
  options.salt = kSalt;
  options.epoch = "0123456789abcdef";
  options.write_buffer_bytes = 1 << 20;
  options.block_cache_bytes = 8 << 20;
  options.stretch_posts = 512;
  options.history_rows_pending_max = 500;
  return options;
}

template <class T>
T Must(std::expected<T, Error> value) {
  if (!value) Fail(value.error().code + ": " + value.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*value);
}

std::string StoredForm(TrendEvent event) {
  event.first_post.reset();
  return EncodeEvent(event);
}

}  // namespace

void Fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::fflush(stderr);
  _exit(1);
}

Machine::Machine(const World& world, const std::filesystem::path& dir) : world_(world) {
  store_ = Must(Store::OpenLog(OptionsOf(dir)));
  hub_ = std::make_unique<EventHub>(store_->events(), store_->epoch());
  engine_ = std::make_unique<EngineRunner>(world.engine_options(),
                                           CheckpointRule{world.checkpoint_posts, std::chrono::hours(1)}, *store_,
                                           *hub_, clock_, nullptr);
  engine_->SetTaker({.busy = [this] { return !to_save_.empty(); },
                     .begin = [this](BlockSeq at, Timestamp) -> StateSink {
                       to_save_.push_back({.at = at, .pieces = {}});
                       return [&pieces = to_save_.back().pieces](std::string piece) {
                         pieces.push_back(std::move(piece));
                       };
                     }});
  Must(store_->CatchUp());
  Must(engine_->Recover());
}

void Machine::HandOn(std::shared_ptr<const LogBlock> block) {
  if (block == nullptr) return;
  to_engine_.push_back(block);
  to_indexer_.push_back(std::move(block));
}

std::size_t Machine::Commit(const PostBatch& batch, Timestamp clock) {
  std::vector<const PostBatch*> batches;
  if (!batch.empty()) batches.push_back(&batch);
  Appended appended = Must(store_->log().Append(batches, clock));
  const std::size_t taken = batch.empty() ? 0 : batch.size() - appended.duplicates[0].size();
  HandOn(std::move(appended.block));
  return taken;
}

void Machine::TakeBack(const PostKey& key) {
  const auto post = Must(store_->log().Find(key));
  if (!post) return;  // it was, and nobody heard of it
  HandOn(Must(store_->log().AppendRetraction(post->position, clock())));
}

bool Machine::Holds(const PostKey& key) {
  return Must(store_->log().Find(key)).has_value();
}

bool Machine::StepEngine() {
  if (to_engine_.empty()) return false;
  engine_->Step(*to_engine_.front());
  to_engine_.pop_front();
  return true;
}

bool Machine::StepIndexer() {
  if (to_indexer_.empty() && to_save_.empty()) return false;
  if (!to_indexer_.empty()) {
    Must(store_->IndexBlock(*to_indexer_.front()));
    to_indexer_.pop_front();
  }
  // A state is saved once the indexer has come to the block it stands at, as on its thread.
  if (!to_save_.empty() && (to_indexer_.empty() || to_indexer_.front()->seq > to_save_.front().at)) {
    std::deque<std::string>& pieces = to_save_.front().pieces;
    Must(store_->checkpoints().Save(to_save_.front().at, [&] {
      std::string piece = std::move(pieces.front());
      pieces.pop_front();
      return piece;
    }));
    to_save_.pop_front();
    Must(store_->EraseRetracted());
  }
  return true;
}

void Machine::Finish() {
  while (StepEngine()) {
  }
  while (StepIndexer()) {
  }
}

std::vector<TrendEvent> Machine::Events() {
  return Must(store_->events().Read(0, 1'000'000));
}

void Machine::CheckCounts() {
  std::map<std::string, std::uint64_t> wanted;
  std::vector<std::string> topics;
  for (std::size_t i = 0; i < world_.posts.size(); ++i) {
    const bool taken_back = std::ranges::binary_search(world_.taken_back, i);
    if (Holds(world_.KeyOfPost(i)) == taken_back)
      Fail("post " + world_.posts[i].id + (taken_back ? " was taken back and is there" : " is lost"));
    if (taken_back) continue;
    for (const Mention& mention : world_.posts[i].View(topics).mentions) ++wanted[std::string(mention.topic)];
  }
  const Minute first = MinuteOf(kMonday);
  std::map<std::string, std::uint64_t> counted;
  for (const TopRow& row : Must(store_->history().Top("world", first, first + 6 * 60, TopBy::kPosts, 10'000)))
    counted[row.topic] = row.posts;
  if (wanted == counted) return;
  for (const auto& [topic, posts] : wanted) {
    if (counted[topic] != posts)
      Fail(topic + ": " + std::to_string(counted[topic]) + " posts, not " + std::to_string(posts));
  }
  Fail("topics are counted that nobody wrote");
}

std::string Machine::Show() {
  std::string out;
  std::set<std::string> scopes = {"world"};
  for (const TrendEvent& event : Events()) {
    out += "event " + EventToJson(event, "") + "\n";
    scopes.insert(event.scope);
  }
  const Minute first = MinuteOf(kMonday);
  const Minute last = MinuteOf(world_.posts.back().created_at) + 60;
  for (const std::string& scope : scopes) {
    for (Minute at = first; at <= last; at = at + 1) {
      const auto rows = Must(store_->boards().At(scope, at));
      if (rows.empty()) continue;
      out += "board " + scope + " " + FormatTimestamp(StartOf(at)) + " " + EncodeBoard(rows) + "\n";
    }
  }
  const Minute until = Minute{(static_cast<int>(last) / 60 + 1) * 60};
  for (const TopRow& row : Must(store_->history().Top("world", first, until, TopBy::kPosts, 1000)))
    out += "history " + row.topic + " " + std::to_string(row.posts) + " " + std::to_string(row.authors) + "\n";
  return out;
}

void Machine::CheckFold() {
  Engine engine(world_.engine_options());
  std::map<std::pair<std::string, Minute>, std::string> boards;
  engine.SetMinuteEnd([&](Minute at) {
    for (const Board& board : engine.Boards()) boards[{board.scope, at}] = EncodeBoard(board.rows);
  });
  BlockFolder folder(store_->log());
  Must(store_->log().Read(BlockSeq{1}, [&](const LogBlock& block) { return folder.Fold(block, engine); }));
  const std::vector<TrendEvent> wanted = engine.TakeEvents();
  const std::vector<TrendEvent> stored = Events();
  if (wanted.size() != stored.size())
    Fail("events: " + std::to_string(stored.size()) + ", and a fold of the log makes " + std::to_string(wanted.size()));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (StoredForm(wanted[i]) != StoredForm(stored[i]))
      Fail("event\n" + EventToJson(stored[i], "") + "\nis in a fold of the log\n" + EventToJson(wanted[i], ""));
  }
  for (const auto& [key, bytes] : boards) {
    const auto rows = Must(store_->boards().At(key.first, key.second));
    if (!rows.empty() && EncodeBoard(rows) == bytes) continue;
    if (rows.empty() && bytes.empty()) continue;
    Fail("the board of " + key.first + " at " + FormatTimestamp(StartOf(key.second)) + " is not that of a fold");
  }
}

}  // namespace tagswell::simulation
