#include "server/client/web_socket_client.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <type_traits>

#include "server/client/retry_policy.h"
#include "server/clock.h"
#include "server/version.h"

namespace tagswell {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
namespace websocket = boost::beast::websocket;
using boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using std::chrono::milliseconds;
using UpgradeAnswer = http::response<http::string_body>;

constexpr milliseconds kLook{200};  // for an interruption, while nothing comes
constexpr milliseconds kGoodbye{500};
constexpr int kRedirectsMax = 5;

Error Unreachable(const WebAddress& address, std::string_view why) {
  return {"unreachable", address.scheme + "://" + address.host + ": " + std::string(why)};
}

// Everything an operation of asio leaves behind when it ends.
struct Outcome {
  bool done = false;
  ErrorCode ec;
};

}  // namespace

// One connection. Operations that did not end when it goes are dropped with it.
class WebSocketClient::Wire {
 public:
  explicit Wire(const Interruption& interruption) : interruption_(interruption) {}
  virtual ~Wire() = default;

  virtual std::expected<UpgradeAnswer, Error> Open(const WebAddress& address, milliseconds limit) = 0;
  virtual std::expected<std::optional<std::string>, Error> Read(milliseconds patience) = 0;
  virtual void Close() = 0;

 protected:
  // Lets the loop run until `outcome` is there, as long as `limit` and no interruption has come.
  void Run(const Outcome& outcome, milliseconds limit) {
    const Stopwatch waited;
    loop_.restart();
    loop_.poll();
    while (!outcome.done && !interruption_.happened()) {
      const auto left = limit - milliseconds(static_cast<std::int64_t>(waited.Seconds() * 1000));
      if (left <= milliseconds(0)) return;
      loop_.restart();
      loop_.run_one_for(std::min(left, kLook));
    }
  }

  const Interruption& interruption_;
  asio::io_context loop_{1};
};

template <class Stream>
class WebSocketClient::WireOver final : public Wire {
  static constexpr bool kIsTls = !std::is_same_v<Stream, beast::tcp_stream>;

 public:
  WireOver(const Interruption& interruption, const WebSocketClientOptions& options)
      : Wire(interruption), options_(options), socket_(MakeSocket()) {}

  std::expected<UpgradeAnswer, Error> Open(const WebAddress& address, milliseconds limit) override {
    address_ = address;
    Stopwatch waited;
    // Runs one step on the way; each gets what the ones before it left.
    const auto step = [&](std::string_view what, auto start) -> std::expected<ErrorCode, Error> {
      Outcome outcome;
      start(outcome);
      Run(outcome, limit - milliseconds(static_cast<std::int64_t>(waited.Seconds() * 1000)));
      if (outcome.done) return outcome.ec;
      if (interruption_.happened()) return std::unexpected(Error{"interrupted", "interrupted"});
      return std::unexpected(Unreachable(address_, std::string(what) + " took too long"));
    };
    if constexpr (kIsTls) {
      if (auto trusted = Trust(); !trusted) return std::unexpected(trusted.error());
    }
    tcp::resolver resolver(loop_);
    tcp::resolver::results_type found;
    auto reached = step("the look-up of its name", [&](Outcome& outcome) {
      const std::string port = !address.port.empty() ? address.port : kIsTls ? "443" : "80";
      resolver.async_resolve(address.host, port, [&](ErrorCode ec, tcp::resolver::results_type results) {
        found = std::move(results);
        outcome = {.done = true, .ec = ec};
      });
    });
    if (reached && !*reached) {
      reached = step("connecting", [&](Outcome& outcome) {
        beast::get_lowest_layer(socket_).async_connect(
            found, [&](ErrorCode ec, const tcp::endpoint&) { outcome = {.done = true, .ec = ec}; });
      });
    }
    if constexpr (kIsTls) {
      if (reached && !*reached) {
        reached = step("the TLS handshake", [&](Outcome& outcome) {
          socket_.next_layer().async_handshake(ssl::stream_base::client,
                                               [&](ErrorCode ec) { outcome = {.done = true, .ec = ec}; });
        });
      }
    }
    if (!reached) return std::unexpected(reached.error());
    if (*reached) return std::unexpected(Unreachable(address_, reached->message()));
    return Upgrade(step);
  }

  std::expected<std::optional<std::string>, Error> Read(milliseconds patience) override {
    if (!reading_) {
      read_ = {};
      reading_ = true;
      socket_.async_read(buffer_, [this](ErrorCode ec, std::size_t) { read_ = {.done = true, .ec = ec}; });
    }
    Run(read_, patience);
    if (!read_.done) {
      if (interruption_.happened()) return std::unexpected(Error{"interrupted", "interrupted"});
      return std::nullopt;
    }
    reading_ = false;
    if (read_.ec) return std::unexpected(Unreachable(address_, WhyEnded()));
    std::string message = beast::buffers_to_string(buffer_.data());
    buffer_.consume(buffer_.size());
    return message;
  }

  void Close() override {
    if (!socket_.is_open()) return;
    Outcome closed;
    socket_.async_close(websocket::close_code::normal, [&](ErrorCode ec) { closed = {.done = true, .ec = ec}; });
    const Stopwatch waited;
    while (!closed.done && waited.Seconds() < std::chrono::duration<double>(kGoodbye).count()) {
      loop_.restart();
      loop_.run_one_for(kGoodbye);
    }
  }

 private:
  websocket::stream<Stream> MakeSocket() {
    if constexpr (kIsTls) {
      return websocket::stream<Stream>(loop_, tls_);
    } else {
      return websocket::stream<Stream>(loop_);
    }
  }

  // Whose word is good for whom: set before the handshake.
  std::expected<void, Error> Trust() {
    ErrorCode ec;
    if (options_.ca_file.empty()) {
      tls_.set_default_verify_paths(ec);
    } else {
      tls_.load_verify_file(options_.ca_file, ec);
    }
    if (ec) return std::unexpected(Error{"bad_authorities", options_.ca_file + ": " + ec.message()});
    SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_2_VERSION);
    Stream& tls = socket_.next_layer();
    tls.set_verify_mode(ssl::verify_peer);
    tls.set_verify_callback(ssl::host_name_verification(address_.host));
    SSL_set_tlsext_host_name(tls.native_handle(), address_.host.c_str());
    return {};
  }

  std::expected<UpgradeAnswer, Error> Upgrade(auto& step) {
    socket_.read_message_max(options_.message_bytes_max);
    socket_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
      request.set(http::field::user_agent, std::string("tagswell/") + kVersion);
    }));
    std::string host = address_.host.find(':') == std::string::npos ? address_.host : "[" + address_.host + "]";
    if (!address_.port.empty()) host += ":" + address_.port;
    UpgradeAnswer answer;
    const auto upgraded = step("the upgrade", [&](Outcome& outcome) {
      socket_.async_handshake(answer, host, address_.target, [&](ErrorCode ec) { outcome = {.done = true, .ec = ec}; });
    });
    if (!upgraded) return std::unexpected(upgraded.error());
    if (*upgraded && *upgraded != websocket::error::upgrade_declined) {
      return std::unexpected(Unreachable(address_, upgraded->message()));
    }
    return answer;
  }

  std::string WhyEnded() const {
    const websocket::close_reason& reason = socket_.reason();
    if (!reason) return read_.ec.message();  // no close frame came
    return "closed with " + std::to_string(reason.code) + " " + std::string(reason.reason.data(), reason.reason.size());
  }

  const WebSocketClientOptions options_;
  ssl::context tls_{ssl::context::tls_client};
  WebAddress address_;
  websocket::stream<Stream> socket_;
  beast::flat_buffer buffer_;
  Outcome read_;
  bool reading_ = false;
};

WebSocketClient::WebSocketClient(WebSocketClientOptions options, const Interruption& interruption)
    : options_(std::move(options)), interruption_(interruption) {}
WebSocketClient::~WebSocketClient() = default;

std::expected<HttpAnswer, Error> WebSocketClient::Open(const WebAddress& address) {
  WebAddress at = address;
  for (int redirects = 0;; ++redirects) {
    const bool is_tls = at.scheme == "wss";
    if (!is_tls && at.scheme != "ws") {
      return std::unexpected(Error{"bad_url", at.Text() + " is no ws or wss address"});
    }
    if (is_tls) {
      wire_ = std::make_unique<WireOver<beast::ssl_stream<beast::tcp_stream>>>(interruption_, options_);
    } else {
      wire_ = std::make_unique<WireOver<beast::tcp_stream>>(interruption_, options_);
    }
    auto answer = wire_->Open(at, options_.open_max);
    if (!answer) {
      wire_.reset();
      return std::unexpected(answer.error());
    }
    const unsigned status = answer->result_int();
    if (status == 101) return HttpAnswer{.status = 101, .retry_after = {}, .body = {}};
    wire_.reset();
    const std::string location((*answer)[http::field::location]);
    if (status < 300 || status >= 400 || location.empty() || redirects == kRedirectsMax) {
      const std::string retry_after((*answer)[http::field::retry_after]);
      return HttpAnswer{.status = static_cast<long>(status),
                        .retry_after = ParseRetryAfter(retry_after),
                        .body = std::move(answer->body())};
    }
    auto next = ResolveReference(at, location);
    if (!next) return std::unexpected(next.error());
    if (next->scheme == "http") next->scheme = "ws";
    if (next->scheme == "https") next->scheme = "wss";
    if (is_tls && next->scheme != "wss") {
      return std::unexpected(Error{"bad_url", at.Text() + " redirects to an address without TLS"});
    }
    at = std::move(*next);
  }
}

std::expected<std::optional<std::string>, Error> WebSocketClient::Read(milliseconds patience) {
  if (!wire_) return std::unexpected(Error{"unreachable", "not connected"});
  auto read = wire_->Read(patience);
  if (!read) wire_.reset();
  return read;
}

void WebSocketClient::Close() {
  if (wire_) wire_->Close();
  wire_.reset();
}

}  // namespace tagswell
