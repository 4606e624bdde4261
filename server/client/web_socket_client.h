// The client's end of a WebSocket (RFC 6455), over TCP or TLS with the server's certificate verified. By Boost.Beast.
// It reads only while it is asked to; in between the sender has to wait. Not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "proto/error.h"
#include "server/client/http_client.h"
#include "server/client/interruption.h"
#include "server/net/web_address.h"

namespace tagswell {

struct WebSocketClientOptions {
  std::string ca_file;                        // PEM of whom to trust in place of the system's authorities
  std::chrono::seconds open_max{20};          // for each address on the way: name, connection, TLS, upgrade
  std::size_t message_bytes_max = 16u << 20;  // a larger one ends the connection
};

class WebSocketClient {
 public:
  // `interruption` outlives the client and ends what is under way.
  WebSocketClient(WebSocketClientOptions options, const Interruption& interruption);
  ~WebSocketClient();
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  // Connects to a ws or wss address, through up to five redirects, never from wss to ws. An answer other than 101 is a
  // refusal. Errors: unreachable (the detail says why), bad_url, interrupted.
  std::expected<HttpAnswer, Error> Open(const WebAddress& address);

  // The next message; waits for it as long as `patience`. Nothing: none has come. Pings are answered on the way.
  // Errors: unreachable (closed, broken, or not WebSocket any more), interrupted.
  std::expected<std::optional<std::string>, Error> Read(std::chrono::milliseconds patience);

  // Says goodbye, for half a second at most.
  void Close();

 private:
  class Wire;
  template <class Stream>
  class WireOver;

  const WebSocketClientOptions options_;
  const Interruption& interruption_;
  std::unique_ptr<Wire> wire_;
};

}  // namespace tagswell
