#include "server/pipeline/index_runner.h"

#include <utility>

#include "server/logging.h"
#include "server/thread_role.h"

namespace tagswell {
namespace {

// The indexer may fall behind in a burst; what it has not reached is folded again after a crash.
constexpr std::size_t kQueuePostsMax = 600'000;

}  // namespace

IndexRunner::IndexRunner(Store& store) : store_(store), queue_(kQueuePostsMax) {}

IndexRunner::~IndexRunner() {
  Stop();
}

void IndexRunner::Start() {
  thread_ = std::thread(&IndexRunner::Run, this);
}

void IndexRunner::Fail(std::string_view what, const Error& error) {
  Log(LogLevel::kError, what, {{"code", error.code}, {"detail", error.detail}});
  // A full disk passes: what could not be written is tried again, and the log holds it anyway.
  if (error.code != "disk_full") failed_ = true;
}

void IndexRunner::AfterCheckpoint(std::expected<void, Error> saved, BlockSeq at, Timestamp time) {
  queue_.PutErrand([this, saved = std::move(saved), at, time] {
    if (failed_) return;
    if (!saved) return Fail("checkpoint failed", saved.error());
    if (const auto erased = store_.EraseRetracted(); !erased) {
      return Fail("erasing retracted posts failed", erased.error());
    }
    Log(LogLevel::kDebug, "checkpoint", {{"block", static_cast<std::uint64_t>(at)}});
    DropExpired(time);
  });
}

void IndexRunner::DropExpired(Timestamp now) {
  const auto dropped = store_.DropExpired(now);
  if (!dropped) return Fail("dropping what is old failed", dropped.error());
  if (!dropped->any()) return;
  Log(LogLevel::kInfo, "dropped what is old",
      {{"posts", dropped->posts},
       {"first_block", static_cast<std::uint64_t>(store_.log().FirstSeq())},
       {"events", dropped->events}});
}

void IndexRunner::Run() {
  TakeRole("indexer", Urgency::kCounting);
  while (auto next = queue_.Take()) {
    if (auto* errand = std::get_if<BlockQueue::Errand>(&*next)) {
      (*errand)();
      continue;
    }
    const BlockQueue::Block& block = std::get<BlockQueue::Block>(*next);
    // Behind a failure nothing more is written: a later position on the disk would hide the gap.
    if (!failed_) {
      if (const auto indexed = store_.IndexBlock(*block); !indexed) Fail("indexing failed", indexed.error());
    }
    counted_posts_.fetch_add(block->size(), std::memory_order_relaxed);
    queue_.Done();
  }
}

void IndexRunner::Stop() {
  if (!thread_.joinable()) return;
  queue_.Close();
  thread_.join();
}

}  // namespace tagswell
