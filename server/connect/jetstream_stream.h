// Bluesky's Jetstream over a WebSocket. It keeps the last day or so: after a lost connection it goes on from some
// seconds before the position, so that nothing falls into the seam; what comes twice is counted once. One thread.
#pragma once

#include <optional>
#include <string>

#include "server/client/interruption.h"
#include "server/client/web_socket_client.h"
#include "server/clock.h"
#include "server/connect/platform_stream.h"

namespace tagswell {

struct JetstreamOptions {
  std::chrono::seconds idle_max{60};  // without a message: the connection is given up. All of Bluesky is never so quiet
  std::chrono::seconds rewind{5};
  std::string ca_file = {};
};

// The microseconds of a message; nothing when it has none.
std::optional<std::uint64_t> JetstreamTimeOf(std::string_view message);

class JetstreamStream final : public PlatformStream {
 public:
  // `clock`, `interruption` outlive the stream. Without a path of its own the address gets /subscribe, and without a
  // query it asks for posts alone.
  JetstreamStream(WebAddress address, const Clock& clock, const Interruption& interruption, OnStreamGap on_gap,
                  JetstreamOptions options = {});

  PostFormat format() const override { return PostFormat::kJetstream; }
  std::expected<void, StreamFault> Open(const std::optional<StreamPosition>& from) override;
  std::expected<void, StreamFault> Read(StreamBatch& batch, std::chrono::milliseconds patience) override;
  void Close() override { client_.Close(); }

 private:
  void Take(std::string_view message, StreamBatch& batch);
  void TellGap(std::uint64_t first_us);

  WebAddress address_;
  const Clock& clock_;
  const OnStreamGap on_gap_;
  const JetstreamOptions options_;
  WebSocketClient client_;
  std::uint64_t newest_us_ = 0;  // of all messages that were read
  std::optional<std::uint64_t>
      expected_us_;                          // the first message after Open is this one or before it, or there is a gap
  std::chrono::duration<double> silent_{0};  // while we waited
};

}  // namespace tagswell
