// HTTP/1.1 and WebSocket over TCP or TLS: N threads, each with its own loop; a connection lives on one of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/error.h"
#include "server/net/access.h"
#include "server/net/host_rule.h"
#include "server/net/network_set.h"
#include "server/net/rate_limits.h"
#include "server/net/route.h"

namespace tagswell {

// Times are kept by one sweep a second and thread: a limit of 10 s strikes after 10 to 11.
struct ServerLimits {
  std::size_t header_bytes_max = 16 * 1024;          // 431; twice what browsers send at worst
  std::size_t body_bytes_max = 16 * 1024 * 1024;     // as sent: 413; 50,000 posts
  std::size_t decoded_bytes_max = 64 * 1024 * 1024;  // after gzip or zstd: 413; they shrink JSON 4 to 10 times
  std::size_t message_bytes_max = 16 * 1024 * 1024;  // a WebSocket message: closed with 1009
  std::size_t mailbox_bytes_max = Mailbox::kDefaultBytesMax;
  std::size_t connections_max = 20'000;  // one more is answered 503 and closed
  // A peer that is slow with a request or an answer is let go within 15 s: see Patience for the rate.
  std::chrono::seconds header_timeout{10};  // 408; from the first byte of a request, or the connection's start, on
  std::chrono::seconds body_timeout{10};    // 408; with fewer than bytes_per_second_min
  std::chrono::seconds answer_timeout{10};  // reset; the same of what the peer takes
  std::size_t bytes_per_second_min = 4 * 1024;
  std::chrono::seconds idle_timeout{60};        // between requests: closed
  std::chrono::seconds subscriber_timeout{30};  // a subscriber that does not take what is being written: reset
  std::chrono::seconds ping_interval{20};       // WebSocket ping, event-stream comment
  std::chrono::seconds pong_timeout{20};        // silence after a ping: closed
  std::chrono::seconds close_timeout{5};        // for the peer's half of the closing
};

struct TlsOptions {
  std::string certificate_file;  // PEM chain; empty: no TLS
  std::string key_file;          // PEM
};

struct ListenAddress {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one, see HttpServer::port()
};

struct ServerOptions {
  ListenAddress listen;
  // Where set, all routes are here, and what is for operators (role admin, `operating`) is nowhere else.
  std::optional<ListenAddress> admin_listen;
  unsigned threads = 0;                      // 0: one a core
  std::vector<std::string> allowed_origins;  // "https://board.example": may write and upgrade from a browser besides
                                             // pages of this server itself
  std::optional<HostRule> hosts;             // any other Host is 421 host_not_allowed; none: any goes
  NetworkSet trusted_proxies;                // what X-Forwarded-For says is believed of them alone
  RateLimits* rate_limits = nullptr;         // outlives the server; null: no limits
  TlsOptions tls;
  ServerLimits limits;
};

// Hears of what happened, on io threads. Must be quick and thread-safe.
class ServerObserver {
 public:
  static constexpr std::size_t kNoRoute = static_cast<std::size_t>(-1);
  virtual ~ServerObserver() = default;
  virtual void OnRequest(std::size_t route, int status, double seconds) = 0;  // index into the table, or kNoRoute
  virtual void OnLimited(LimitKind kind) = 0;                    // a request was refused with 429 rate_limited
  virtual void OnSubscriberOpened() = 0;                         // WebSocket or event stream
  virtual void OnSubscriberClosed(std::string_view reason) = 0;  // "client", "overflow", "idle", "protocol", "server"
};

class HttpServer {
 public:
  // `access` and `observer` (may be null) outlive the server. Precondition: patterns are well-formed and distinct.
  HttpServer(ServerOptions options, std::vector<Route> routes, const Access& access, ServerObserver* observer);
  ~HttpServer();  // Stop(0 s) when still running

  // Binds, listens and starts the threads. Errors: listen_failed, tls_failed.
  std::expected<void, Error> Start();

  std::uint16_t port() const;        // after Start
  std::uint16_t admin_port() const;  // the same of admin_listen; 0 without

  // With TLS: reads certificate and key anew, for connections to come. At an error (tls_failed) the old ones stay.
  std::expected<void, Error> ReloadCertificate();

  // Stops accepting, lets requests under way be answered, closes subscribers with 1001; what is left at the deadline is
  // cut. Returns when every thread has ended. Idempotent; any thread but the server's own.
  void Stop(std::chrono::milliseconds deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
