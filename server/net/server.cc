#include "server/net/server.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "server/clock.h"
#include "server/logging.h"
#include "server/net/connection.h"
#include "server/net/http_protocol.h"
#include "server/net/io_loop.h"
#include "server/net/problem.h"
#include "server/net/response_head.h"
#include "server/net/router.h"
#include "server/net/tls.h"

namespace tagswell {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;
using ErrorCode = boost::system::error_code;

constexpr int kBacklog = 4096;
// Unsent bytes that the kernel holds for one peer: enough for any line, and the bound of what a peer that does not read
// costs there. Without it that is 4 MiB.
constexpr int kUnsentBytesMax = 128 * 1024;

std::string TooManyConnections() {
  Response response = Problem(503, "too_many_connections", "The server has as many connections as it may.");
  response.headers.emplace_back("Retry-After", "5");
  std::string bytes;
  const std::string date = FormatHttpDate(WallClock().Now());
  AppendResponseHead(response, {.date = date, .close = true}, bytes);
  return bytes + response.body;
}

std::string Text(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace

struct HttpServer::State {
  State(ServerOptions o, std::vector<Route> routes, const Access& access, ServerObserver* observer)
      : options(std::move(o)), router(std::move(routes)), shared{options, router, access, observer} {}

  std::expected<void, Error> Listen();
  void Accept();
  void OnAccepted(ErrorCode ec, Socket socket, IoLoop& loop);

  const ServerOptions options;
  const Router router;
  ServerShared shared;
  std::unique_ptr<TlsContext> tls;  // null: plain text
  std::vector<std::unique_ptr<IoLoop>> loops;
  std::unique_ptr<Acceptor> acceptor;  // on the first loop, which deals sockets round robin: with few heavy clients
                                       // SO_REUSEPORT's hash would leave loops idle
  std::size_t next_loop = 0;
  bool accept_resting = false;  // out of descriptors: the next sweep tries again
  std::uint16_t port = 0;
  bool running = false;

  std::mutex mutex;
  std::condition_variable ended_changed;
  std::size_t ended = 0;
};

std::expected<void, Error> HttpServer::State::Listen() {
  const auto failed = [this](const std::string& why) {
    return std::unexpected(
        Error{"listen_failed", "Cannot listen on " + options.address + ":" + std::to_string(options.port) + ": " + why,
              "listen"});
  };
  ErrorCode ec;
  const auto address = asio::ip::make_address(options.address, ec);
  if (ec) return failed("this is no IP address");
  const tcp::endpoint endpoint(address, options.port);
  acceptor->open(endpoint.protocol(), ec);
  if (!ec) acceptor->set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor->bind(endpoint, ec);
  if (!ec) acceptor->listen(kBacklog, ec);
  if (ec) return failed(ec.message());
  port = acceptor->local_endpoint(ec).port();
  return {};
}

void HttpServer::State::Accept() {
  IoLoop& loop = *loops[next_loop];
  next_loop = (next_loop + 1) % loops.size();
  acceptor->async_accept(loop.context(),
                         [this, &loop](ErrorCode ec, Socket socket) { OnAccepted(ec, std::move(socket), loop); });
}

void HttpServer::State::OnAccepted(ErrorCode ec, Socket socket, IoLoop& loop) {
  if (!acceptor->is_open()) return;
  if (ec) {
    const bool out_of_something = ec != asio::error::connection_aborted;
    if (!out_of_something) return Accept();
    Log(LogLevel::kWarn, "cannot accept a connection", {{"why", ec.message()}});
    accept_resting = true;
    return;
  }
  if (shared.connections.load() >= options.limits.connections_max) {
    // A peer that speaks TLS cannot read this, and sees the end at once.
    socket.non_blocking(true, ec);
    socket.send(asio::buffer(TooManyConnections()), 0, ec);
    return Accept();
  }
  ++shared.connections;
  socket.set_option(tcp::no_delay(true), ec);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytesMax, sizeof kUnsentBytesMax);
  const tcp::endpoint peer = socket.remote_endpoint(ec);
  asio::post(loop.context(), [this, &loop, peer, s = std::move(socket)]() mutable {
    auto transport = tls ? tls->MakeTransport(std::move(s)) : MakeTcpTransport(std::move(s));
    auto connection = std::make_shared<Connection>(loop, std::move(transport), Text(peer));
    connection->Start(std::make_unique<HttpProtocol>(*connection));
  });
  Accept();
}

HttpServer::HttpServer(ServerOptions options, std::vector<Route> routes, const Access& access, ServerObserver* observer)
    : state_(std::make_unique<State>(std::move(options), std::move(routes), access, observer)) {}

HttpServer::~HttpServer() {
  Stop(std::chrono::milliseconds(0));
}

std::uint16_t HttpServer::port() const {
  return state_->port;
}

std::expected<void, Error> HttpServer::Start() {
  State& state = *state_;
  if (!state.options.tls.certificate_file.empty()) {
    auto tls = TlsContext::Load(state.options.tls);
    if (!tls) return std::unexpected(tls.error());
    state.tls = std::move(*tls);
  }
  unsigned threads = state.options.threads;
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < threads; ++i) state.loops.push_back(std::make_unique<IoLoop>(state.shared));
  state.acceptor = std::make_unique<Acceptor>(state.loops[0]->context());
  if (auto listening = state.Listen(); !listening) {
    state.acceptor.reset();
    state.loops.clear();
    return listening;
  }
  state.loops[0]->OnSweep([&state] {
    if (std::exchange(state.accept_resting, false) && state.acceptor->is_open()) state.Accept();
  });
  state.Accept();
  state.running = true;
  for (const auto& loop : state.loops) loop->Start();
  return {};
}

std::expected<void, Error> HttpServer::ReloadCertificate() {
  if (!state_->tls) return {};
  return state_->tls->Reload();
}

void HttpServer::Stop(std::chrono::milliseconds deadline) {
  State& state = *state_;
  if (!std::exchange(state.running, false)) return;
  asio::post(state.loops[0]->context(), [&state] {
    ErrorCode ignored;
    state.acceptor->close(ignored);
  });
  for (const auto& loop : state.loops) loop->Drain();

  std::vector<std::thread> joiners;  // one a loop, so that the deadline holds for all together
  for (const auto& loop : state.loops) {
    joiners.emplace_back([&state, &loop] {
      loop->Join();
      const std::lock_guard lock(state.mutex);
      ++state.ended;
      state.ended_changed.notify_all();
    });
  }
  std::unique_lock lock(state.mutex);
  const auto all_ended = [&state] { return state.ended == state.loops.size(); };
  if (!state.ended_changed.wait_for(lock, deadline, all_ended)) {
    for (const auto& loop : state.loops) loop->Abort();
    state.ended_changed.wait(lock, all_ended);
  }
  lock.unlock();
  for (std::thread& joiner : joiners) joiner.join();
  state.acceptor.reset();
  state.loops.clear();
}

}  // namespace tagswell
