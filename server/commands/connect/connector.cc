#include "server/commands/connect/connector.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "server/commands/event_line.h"
#include "server/commands/plain_words.h"

namespace tagswell {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kQuietRead{1'000};
constexpr std::size_t kCodesMax = 20;

milliseconds ElapsedOn(const Stopwatch& watch) {
  return milliseconds(static_cast<std::int64_t>(watch.Seconds() * 1000));
}

}  // namespace

Connector::Connector(PlatformStream& stream, HttpClient& server, CursorFile* cursor, Console& console,
                     const Clock& clock, const Interruption& interruption, const Random& jitter,
                     ConnectorOptions options)
    : stream_(stream),
      cursor_(cursor),
      console_(console),
      clock_(clock),
      interruption_(interruption),
      options_(options),
      retry_(options.platform_retry, jitter),
      sink_(
          server, interruption,
          [this](const LineError& error) {
            if (rejected_.size() < kCodesMax || rejected_.contains(error.error.code)) ++rejected_[error.error.code];
          },
          RetryPolicy(options.server_retry, jitter),
          [this](const std::string& why) {
            if (!std::exchange(server_waited_for_, true)) console_.PrintNotice("tagswell: waiting: " + why);
            ReportSometimes();
          }) {
  if (cursor != nullptr) acknowledged_ = cursor->position();
}

std::expected<void, Error> Connector::Run() {
  std::expected<void, Error> ended;
  while (ended && !interruption_.happened()) {
    const auto opened = stream_.Open(acknowledged_);
    ended = opened ? Follow() : AfterFault(opened.error());
  }
  if (ended) ended = Send();
  stream_.Close();
  console_.PrintNotice("in all " + TotalsSince({}, 0));
  if (!ended && ended.error().code == "interrupted") return {};
  return ended;
}

// From an open stream to its loss.
std::expected<void, Error> Connector::Follow() {
  console_.PrintNotice("tagswell: connected" +
                       (acknowledged_ ? ", going on from " + FormatTimestamp(acknowledged_->time) : std::string()));
  reached_once_ = true;
  Stopwatch gathering;
  while (!interruption_.happened()) {
    if (batch_.messages == 0) gathering.Restart();
    const auto patience = batch_.messages == 0 ? kQuietRead : options_.gather - ElapsedOn(gathering);
    const auto read = stream_.Read(batch_, std::max(patience, milliseconds(0)));
    const bool is_due = batch_.full() || ElapsedOn(gathering) >= options_.gather || !read;
    if (is_due && batch_.messages > 0) {
      if (auto sent = Send(); !sent) return sent;
      retry_.AfterSuccess();
    }
    if (!read) return AfterFault(read.error());
    ReportSometimes();
  }
  return {};
}

std::expected<void, Error> Connector::AfterFault(const StreamFault& fault) {
  if (fault.error.code == "interrupted") return {};
  const bool can_mend =
      fault.error.code == "unreachable" || fault.is_busy || (reached_once_ && fault.error.code == "refused");
  if (!can_mend) return std::unexpected(fault.error);
  const auto wait = retry_.AfterFailure(
      fault.is_busy ? RetryPolicy::Failure::kBusy : RetryPolicy::Failure::kUnreachable, {}, fault.retry_after);
  console_.PrintNotice(fmt::format("tagswell: {}; trying again in {:.1f} s", Printable(fault.error.detail),
                                   std::chrono::duration<double>(*wait).count()));
  interruption_.WaitFor(*wait);
  ReportSometimes();
  return {};
}

std::expected<void, Error> Connector::Send() {
  if (batch_.messages == 0) return {};
  auto taken = sink_.Take({.lines = batch_.lines, .first_line = 1}, stream_.format());
  if (!taken) return taken;
  if (std::exchange(server_waited_for_, false)) console_.PrintNotice("tagswell: the server takes posts again");
  messages_ += batch_.messages;
  if (batch_.position) {
    acknowledged_ = batch_.position;
    SaveCursor();
  }
  batch_ = {};
  return {};
}

// A cursor that cannot be saved is behind, and costs duplicates: no reason to stop.
void Connector::SaveCursor() {
  if (cursor_ == nullptr) return;
  const auto saved = cursor_->Save(*acknowledged_);
  if (!saved && !std::exchange(is_unsaved_, true)) console_.PrintNotice("tagswell: " + saved.error().detail);
  if (saved) is_unsaved_ = false;
}

void Connector::ReportSometimes() {
  if (options_.report_every.count() == 0 || ElapsedOn(since_report_) < options_.report_every) return;
  since_report_.Restart();
  const Timestamp now = clock_.Now();
  std::string line = MinuteText(now) + " " + TotalsSince(reported_, reported_messages_);
  std::string codes;
  for (const auto& [code, count] : rejected_) codes += fmt::format("{}{} {}", codes.empty() ? "" : ", ", code, count);
  if (!codes.empty()) line += " (" + codes + ")";
  if (acknowledged_) {
    line += fmt::format("; at {}, {} ago", FormatTimestamp(acknowledged_->time),
                        SpanText(std::max(now - acknowledged_->time, Duration(0))));
  }
  console_.PrintNotice(line);
  rejected_.clear();
  reported_ = sink_.totals();
  reported_messages_ = messages_;
}

std::string Connector::TotalsSince(const ReplayTotals& before, std::uint64_t messages_before) const {
  const ReplayTotals& now = sink_.totals();
  return fmt::format("{} messages: {} accepted, {} duplicates, {} taken back, {} ignored, {} rejected",
                     Grouped(messages_ - messages_before), Grouped(now.accepted - before.accepted),
                     Grouped(now.duplicates - before.duplicates), Grouped(now.retracted - before.retracted),
                     Grouped(now.ignored - before.ignored), Grouped(now.rejected - before.rejected));
}

}  // namespace tagswell
