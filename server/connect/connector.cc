#include "server/connect/connector.h"

#include <algorithm>
#include <utility>

namespace tagswell {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kQuietRead{1'000};

milliseconds ElapsedOn(const Stopwatch& watch) {
  return milliseconds(static_cast<std::int64_t>(watch.Seconds() * 1000));
}

}  // namespace

Connector::Connector(PlatformStream& stream, LineSink sink, CursorFile* cursor, ConnectorObserver& observer,
                     const Interruption& interruption, const Random& jitter, ConnectorOptions options)
    : stream_(stream),
      sink_(std::move(sink)),
      cursor_(cursor),
      observer_(observer),
      interruption_(interruption),
      options_(options),
      retry_(options.platform_retry, jitter) {
  if (cursor != nullptr) progress_.position = cursor->position();
}

std::expected<void, Error> Connector::Run() {
  std::expected<void, Error> ended;
  while (ended && !interruption_.happened()) {
    const auto opened = stream_.Open(progress_.position);
    ended = opened ? Follow() : AfterFault(opened.error());
  }
  if (ended) ended = HandOver();
  stream_.Close();
  if (!ended && ended.error().code == "interrupted") return {};
  return ended;
}

// From an open stream to its loss.
std::expected<void, Error> Connector::Follow() {
  observer_.OnConnected(progress_.position);
  reached_once_ = true;
  Stopwatch gathering;
  while (!interruption_.happened()) {
    if (batch_.messages == 0) gathering.Restart();
    const auto patience = batch_.messages == 0 ? kQuietRead : options_.gather - ElapsedOn(gathering);
    const auto read = stream_.Read(batch_, std::max(patience, milliseconds(0)));
    const bool is_due = batch_.full() || ElapsedOn(gathering) >= options_.gather || !read;
    if (is_due && batch_.messages > 0) {
      if (auto taken = HandOver(); !taken) return taken;
      retry_.AfterSuccess();
    }
    if (!read) return AfterFault(read.error());
    observer_.OnProgress(progress_);
  }
  return {};
}

std::expected<void, Error> Connector::AfterFault(const StreamFault& fault) {
  const std::string& code = fault.error.code;
  if (code == "interrupted") return {};
  const bool can_mend =
      code == "unreachable" || code == "silent" || fault.is_busy || (reached_once_ && code == "refused");
  if (!can_mend && options_.gives_up) return std::unexpected(fault.error);
  const auto wait = retry_.AfterFailure(
      fault.is_busy ? RetryPolicy::Failure::kBusy : RetryPolicy::Failure::kUnreachable, {}, fault.retry_after);
  observer_.OnFault(fault, *wait);
  interruption_.WaitFor(*wait);
  observer_.OnProgress(progress_);
  return {};
}

std::expected<void, Error> Connector::HandOver() {
  if (batch_.messages == 0) return {};
  auto taken = sink_(batch_.lines, stream_.format());
  if (!taken) return taken;
  progress_.messages += batch_.messages;
  if (batch_.position) {
    progress_.position = batch_.position;
    SaveCursor();
  }
  batch_ = {};
  observer_.OnProgress(progress_);
  return {};
}

// A cursor that cannot be saved is behind, and costs duplicates: no reason to stop.
void Connector::SaveCursor() {
  if (cursor_ == nullptr) return;
  const auto saved = cursor_->Save(*progress_.position);
  if (!saved && !std::exchange(is_unsaved_, true)) observer_.OnUnsaved(saved.error());
  if (saved) is_unsaved_ = false;
}

}  // namespace tagswell
