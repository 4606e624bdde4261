// Carries a platform's stream into a running tagswell, without an end: reads, gathers, sends, and moves the position
// when the server has acknowledged. Lost connections are made anew. One straight line on one thread: while the server
// takes nothing, nothing is read, and the platform has to wait or to be asked again later.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>

#include "proto/error.h"
#include "server/clock.h"
#include "server/commands/connect/cursor_file.h"
#include "server/commands/connect/platform_stream.h"
#include "server/commands/console.h"
#include "server/commands/http_client.h"
#include "server/commands/interruption.h"
#include "server/commands/server_sink.h"

namespace tagswell {

struct ConnectorOptions {
  std::chrono::milliseconds gather{250};  // a message waits for others so long
  std::chrono::seconds report_every{60};  // on standard error; 0: never
  RetryOptions platform_retry{.first = std::chrono::milliseconds(500),
                              .longest = std::chrono::seconds(60),
                              .give_up = std::chrono::hours(24 * 365),
                              .obeyed = std::chrono::minutes(15)};
  RetryOptions server_retry{.first = std::chrono::milliseconds(100),
                            .longest = std::chrono::seconds(5),
                            .give_up = std::chrono::hours(24 * 365)};
};

class Connector {
 public:
  // `cursor` may be null: then the position lives as long as the connector. `jitter` spreads the tries. All outlive it.
  Connector(PlatformStream& stream, HttpClient& server, CursorFile* cursor, Console& console, const Clock& clock,
            const Interruption& interruption, const Random& jitter, ConnectorOptions options = {});

  // Until interrupted: what was read is then sent and the cursor saved. Errors that waiting does not mend: refused,
  // bad_report (of the server); refused (of a platform that was never reached), bad_url, bad_authorities.
  std::expected<void, Error> Run();

 private:
  std::expected<void, Error> Follow();
  std::expected<void, Error> AfterFault(const StreamFault& fault);
  std::expected<void, Error> Send();
  void SaveCursor();
  void ReportSometimes();
  std::string TotalsSince(const ReplayTotals& before, std::uint64_t messages_before) const;

  PlatformStream& stream_;
  CursorFile* const cursor_;
  Console& console_;
  const Clock& clock_;
  const Interruption& interruption_;
  const ConnectorOptions options_;
  RetryPolicy retry_;  // of the platform
  ServerSink sink_;
  StreamBatch batch_;
  std::optional<StreamPosition> acknowledged_;
  bool is_unsaved_ = false;  // the cursor in the file is behind, and that was told
  bool reached_once_ = false;
  bool server_waited_for_ = false;
  std::uint64_t messages_ = 0;                     // acknowledged
  std::map<std::string, std::uint64_t> rejected_;  // by code, since the last report
  ReplayTotals reported_;
  std::uint64_t reported_messages_ = 0;
  Stopwatch since_report_;
};

}  // namespace tagswell
