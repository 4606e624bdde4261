#include "server/commands/connect_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "server/commands/event_line.h"
#include "server/plain_words.h"

namespace tagswell {
namespace {

constexpr std::size_t kCodesMax = 20;

}  // namespace

void ConnectReport::OnConnected(const std::optional<StreamPosition>& from) {
  console_.PrintNotice("tagswell: connected" + (from ? ", going on from " + FormatTimestamp(from->time) : ""));
}

void ConnectReport::OnFault(const StreamFault& fault, std::chrono::milliseconds wait) {
  console_.PrintNotice(fmt::format("tagswell: {}; trying again in {:.1f} s", Printable(fault.error.detail),
                                   std::chrono::duration<double>(wait).count()));
}

void ConnectReport::OnUnsaved(const Error& error) {
  console_.PrintNotice("tagswell: " + error.detail);
}

void ConnectReport::OnProgress(const ConnectorProgress& progress) {
  progress_ = progress;
  TellFigures();
}

void ConnectReport::TellGap(const StreamGap& gap) {
  console_.PrintNotice(fmt::format("tagswell: gap from {} to {} ({}): {}", FormatTimestamp(gap.from),
                                   FormatTimestamp(gap.to), SpanText(gap.to - gap.from), gap.what));
}

void ConnectReport::TellWait(const std::string& why) {
  if (!std::exchange(waited_, true)) console_.PrintNotice("tagswell: waiting: " + why);
  TellFigures();
}

void ConnectReport::CountRejected(const LineError& error) {
  if (rejected_.size() < kCodesMax || rejected_.contains(error.error.code)) ++rejected_[error.error.code];
}

void ConnectReport::CountTaken(const ReplayTotals& totals) {
  if (std::exchange(waited_, false)) console_.PrintNotice("tagswell: the server takes posts again");
  totals_ = totals;
}

void ConnectReport::TellTotals() {
  console_.PrintNotice("in all " + TotalsSince({}, 0));
}

void ConnectReport::TellFigures() {
  if (every_.count() == 0 || since_report_.Seconds() < std::chrono::duration<double>(every_).count()) return;
  since_report_.Restart();
  const Timestamp now = clock_.Now();
  std::string line = MinuteText(now) + " " + TotalsSince(reported_, reported_messages_);
  std::string codes;
  for (const auto& [code, count] : rejected_) codes += fmt::format("{}{} {}", codes.empty() ? "" : ", ", code, count);
  if (!codes.empty()) line += " (" + codes + ")";
  if (const auto& position = progress_.position) {
    line += fmt::format("; at {}, {} ago", FormatTimestamp(position->time),
                        SpanText(std::max(now - position->time, Duration(0))));
  }
  console_.PrintNotice(line);
  rejected_.clear();
  reported_ = totals_;
  reported_messages_ = progress_.messages;
}

std::string ConnectReport::TotalsSince(const ReplayTotals& before, std::uint64_t messages_before) const {
  return fmt::format("{} messages: {} accepted, {} duplicates, {} taken back, {} ignored, {} rejected",
                     Grouped(progress_.messages - messages_before), Grouped(totals_.accepted - before.accepted),
                     Grouped(totals_.duplicates - before.duplicates), Grouped(totals_.retracted - before.retracted),
                     Grouped(totals_.ignored - before.ignored), Grouped(totals_.rejected - before.rejected));
}

}  // namespace tagswell
