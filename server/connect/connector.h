// Carries a platform's stream to whoever takes the posts, without an end: reads, gathers, hands over, and moves the
// position when they were acknowledged. Lost connections are made anew. One straight line on one thread: while the
// taker takes nothing, nothing is read, and the platform has to wait or to be asked again later.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "proto/error.h"
#include "server/client/interruption.h"
#include "server/client/retry_policy.h"
#include "server/clock.h"
#include "server/connect/cursor_file.h"
#include "server/connect/platform_stream.h"

namespace tagswell {

struct ConnectorOptions {
  bool gives_up = true;                   // at what waiting does not mend; else it is tried again like the rest
  std::chrono::milliseconds gather{250};  // a message waits for others so long
  RetryOptions platform_retry{.first = std::chrono::milliseconds(500),
                              .longest = std::chrono::seconds(60),
                              .give_up = std::chrono::hours(24 * 365),
                              .obeyed = std::chrono::minutes(15)};
};

// Takes lines of posts, which need not live longer. When it returns they are acknowledged: it waits as long as that
// takes. An error ends the connector.
using LineSink = std::function<std::expected<void, Error>(std::string_view lines, PostFormat format)>;

struct ConnectorProgress {
  std::uint64_t messages = 0;              // acknowledged
  std::optional<StreamPosition> position;  // of the last of them
};

// Hears what an operator should know, on the connector's thread.
class ConnectorObserver {
 public:
  virtual ~ConnectorObserver() = default;
  virtual void OnConnected(const std::optional<StreamPosition>& from) = 0;
  virtual void OnFault(const StreamFault& fault, std::chrono::milliseconds wait) = 0;  // and then the next try
  virtual void OnUnsaved(const Error& error) = 0;                  // the cursor: told once, until it was saved again
  virtual void OnProgress(const ConnectorProgress& progress) = 0;  // after each batch, and each second or so
};

class Connector {
 public:
  // `cursor` may be null: then the position lives as long as the connector. `jitter` spreads the tries. All outlive it.
  Connector(PlatformStream& stream, LineSink sink, CursorFile* cursor, ConnectorObserver& observer,
            const Interruption& interruption, const Random& jitter, ConnectorOptions options = {});

  // Until interrupted: what was read is then handed over and the cursor saved. Errors: those of the sink; and where it
  // gives up, what waiting does not mend: refused (by a platform that was never reached), bad_url, bad_authorities.
  std::expected<void, Error> Run();

 private:
  std::expected<void, Error> Follow();
  std::expected<void, Error> AfterFault(const StreamFault& fault);
  std::expected<void, Error> HandOver();
  void SaveCursor();

  PlatformStream& stream_;
  const LineSink sink_;
  CursorFile* const cursor_;
  ConnectorObserver& observer_;
  const Interruption& interruption_;
  const ConnectorOptions options_;
  RetryPolicy retry_;
  StreamBatch batch_;
  ConnectorProgress progress_;
  bool is_unsaved_ = false;  // the cursor in the file is behind, and that was told
  bool reached_once_ = false;
};

}  // namespace tagswell
