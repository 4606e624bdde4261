// What `tagswell connect` tells on standard error: what happens, and a line of figures from time to time. Not
// thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "server/clock.h"
#include "server/commands/console.h"
#include "server/commands/post_sink.h"
#include "server/connect/connector.h"

namespace tagswell {

class ConnectReport final : public ConnectorObserver {
 public:
  // `every`: from one line of figures to the next; 0: none. The others outlive the report.
  ConnectReport(Console& console, const Clock& clock, std::chrono::seconds every)
      : console_(console), clock_(clock), every_(every) {}

  void OnConnected(const std::optional<StreamPosition>& from) override;
  void OnFault(const StreamFault& fault, std::chrono::milliseconds wait) override;
  void OnUnsaved(const Error& error) override;
  void OnProgress(const ConnectorProgress& progress) override;

  void TellGap(const StreamGap& gap);
  void TellWait(const std::string& why);  // of the server, which does not take the posts
  void CountRejected(const LineError& error);
  void CountTaken(const ReplayTotals& totals);
  void TellTotals();  // of all

 private:
  void TellFigures();  // when it is time to
  std::string TotalsSince(const ReplayTotals& before, std::uint64_t messages_before) const;

  Console& console_;
  const Clock& clock_;
  const std::chrono::seconds every_;
  ConnectorProgress progress_;
  ReplayTotals totals_;
  bool waited_ = false;                            // for the server
  std::map<std::string, std::uint64_t> rejected_;  // by code, since the last line of figures
  ReplayTotals reported_;
  std::uint64_t reported_messages_ = 0;
  Stopwatch since_report_;
};

}  // namespace tagswell
