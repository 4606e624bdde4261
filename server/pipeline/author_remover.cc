#include "server/pipeline/author_remover.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <future>
#include <limits>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "proto/post_codec.h"
#include "server/clock.h"
#include "server/logging.h"
#include "server/thread_role.h"

namespace tagswell {
namespace {

// Some tens of milliseconds of reading: a stop waits no longer, and a crash takes no more.
constexpr std::size_t kPiecePosts = 50'000;
// Of one commit: the engine subtracts them one by one, and who asks it waits behind them.
constexpr std::size_t kDeletionsMax = 1'000;
// So many times as long as it works it rests: a fifth of a core at most.
constexpr double kRest = 4;
constexpr std::chrono::seconds kRetry{1};

std::string NameOf(std::string_view source, std::string_view author) {
  std::string name(source);
  return name.append(1, '\0').append(author);
}

// One way through the log, for all who waited when it began: who comes later waits for the next, so that every way
// ends.
struct Pass {
  explicit Pass(std::vector<AuthorRemovals::Pending> of) : authors(std::move(of)) {
    for (const AuthorRemovals::Pending& author : authors) {
      by_name.emplace(NameOf(author.author.source, author.author.author), &author);
      next = std::min(next, author.from);
      upto = std::max(upto, author.upto);
    }
  }

  // Whether the post goes.
  bool Takes(const Post& post, BlockSeq block) const {
    const auto found = by_name.find(NameOf(post.source, post.author));
    return found != by_name.end() && block >= found->second->from && block <= found->second->upto;
  }

  const std::vector<AuthorRemovals::Pending> authors;
  absl::flat_hash_map<std::string, const AuthorRemovals::Pending*> by_name;
  BlockSeq next{std::numeric_limits<std::uint64_t>::max()};  // what is before it is done
  BlockSeq upto{0};
};

}  // namespace

struct AuthorRemover::State {
  State(Store& of, Submit with) : store(of), submit(std::move(with)) {}

  void Run();
  std::expected<std::vector<PostKey>, Error> FindPiece(Pass& pass) const;
  bool RunPiece(Pass& pass);
  bool TakeBack(std::span<const PostKey> keys);
  // These give false when it is to stop.
  bool WaitForWork();
  bool Rest(std::chrono::duration<double> time);

  Store& store;
  const Submit submit;
  std::mutex mutex;
  std::condition_variable changed;
  bool woken = false;
  bool stopping = false;
  std::thread thread;
};

bool AuthorRemover::State::WaitForWork() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [this] { return stopping || woken; });
  woken = false;
  return !stopping;
}

bool AuthorRemover::State::Rest(std::chrono::duration<double> time) {
  std::unique_lock lock(mutex);
  changed.wait_for(lock, time, [this] { return stopping; });
  return !stopping;
}

// Until the writer has taken them. False when it never will, or it is time to stop.
bool AuthorRemover::State::TakeBack(std::span<const PostKey> keys) {
  while (true) {
    PostBatch batch;
    for (const PostKey& key : keys) batch.changes.push_back({.kind = BatchChange::Kind::kDelete, .at = 0, .key = key});
    std::promise<std::string> answered;
    submit(std::move(batch), [&answered](std::expected<Committed, Error> done) {
      answered.set_value(done ? std::string() : done.error().code);
    });
    const std::string code = answered.get_future().get();
    if (code.empty()) return true;
    // These pass; with the others the server goes down.
    if (code != "overloaded" && code != "disk_full") return false;
    if (!Rest(kRetry)) return false;
  }
}

// What goes of the next piece of the log.
std::expected<std::vector<PostKey>, Error> AuthorRemover::State::FindPiece(Pass& pass) const {
  std::vector<PostKey> keys;
  std::size_t posts = 0;
  Record record;
  std::expected<void, Error> result;
  const auto read = store.log().Read(pass.next, [&](const LogBlock& block) {
    if (block.seq > pass.upto) return false;
    for (std::uint32_t i = 0; i < block.size(); ++i) {
      if (!DecodeRecord(block.RecordAt(i), record) || record.kind != RecordKind::kPost) continue;
      if (!pass.Takes(record.post, block.seq)) continue;
      // It may be gone already, and its id may have come again behind: that post stays.
      const auto stored = store.log().At({.block = block.seq, .index = i});
      if (!stored) result = std::unexpected(stored.error());
      if (stored && *stored) keys.push_back(KeyOf(record.post.source, record.post.id, store.salt()));
    }
    posts += block.size();
    pass.next = Next(block.seq);
    return result && posts < kPiecePosts && keys.size() < kDeletionsMax;
  });
  if (!read) return std::unexpected(read.error());
  if (!result) return std::unexpected(result.error());
  return keys;
}

// False when it cannot go on, or shall not.
bool AuthorRemover::State::RunPiece(Pass& pass) {
  const auto keys = FindPiece(pass);
  if (!keys) {
    Log(LogLevel::kError, "posts of authors who left cannot be looked for",
        {{"code", keys.error().code}, {"detail", keys.error().detail}});
    return false;
  }
  std::span<const PostKey> left(*keys);
  while (!left.empty()) {
    const auto some = left.first(std::min(left.size(), kDeletionsMax));
    if (!TakeBack(some)) return false;
    left = left.subspan(some.size());
  }
  return store.removals().Advance(pass.authors, pass.next).has_value();
}

void AuthorRemover::State::Run() {
  TakeRole("remover", Urgency::kCounting);
  while (true) {
    Pass pass(store.removals().All());
    if (pass.authors.empty() && !WaitForWork()) return;
    while (pass.next <= pass.upto) {
      const Stopwatch watch;
      if (!RunPiece(pass) || !Rest(std::chrono::duration<double>(kRest * watch.Seconds()))) return;
    }
  }
}

AuthorRemover::AuthorRemover(Store& store, Submit submit) : state_(std::make_unique<State>(store, std::move(submit))) {}

AuthorRemover::~AuthorRemover() {
  Stop();
}

void AuthorRemover::Start() {
  state_->store.removals().SetListener([state = state_.get()] {
    const std::lock_guard lock(state->mutex);
    state->woken = true;
    state->changed.notify_all();
  });
  state_->thread = std::thread(&State::Run, state_.get());
}

void AuthorRemover::Stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace tagswell
