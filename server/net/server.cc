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

// A peer that left before it was asked for has the address 0.0.0.0, and nobody hears the answer.
IpAddress AddressOf(const tcp::endpoint& endpoint) {
  return IpAddress::From(*endpoint.data()).value_or(IpAddress());
}

std::string Text(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

bool IsForOperators(const Route& route) {
  return route.operating || route.role == Role::kAdmin;
}

// One socket that connections come from, on the first loop, which deals them round robin: with few heavy clients
// SO_REUSEPORT's hash would leave loops idle.
struct Listener {
  std::unique_ptr<Acceptor> acceptor;
  const Router& router;  // of those who come here
  std::uint16_t port = 0;
  bool resting = false;  // out of descriptors: the next sweep tries again
};

}  // namespace

struct HttpServer::State {
  State(ServerOptions o, std::vector<Route> routes, const Access& access, ServerObserver* observer)
      : options(std::move(o)), router(routes), shared{options, access, observer} {
    if (options.admin_listen) {
      public_router.emplace(std::move(routes), [](const Route& route) { return !IsForOperators(route); });
    }
  }

  std::expected<void, Error> Listen(const ListenAddress& listen, std::string_view key, const Router& served);
  void Accept(Listener& listener);
  void OnAccepted(ErrorCode ec, Socket socket, IoLoop& loop, Listener& listener);

  const ServerOptions options;
  const Router router;
  std::optional<Router> public_router;  // where operators have an address of their own
  ServerShared shared;
  std::unique_ptr<TlsContext> tls;  // null: plain text
  std::vector<std::unique_ptr<IoLoop>> loops;
  std::vector<std::unique_ptr<Listener>> listeners;
  std::size_t next_loop = 0;
  std::uint16_t port = 0;
  std::uint16_t admin_port = 0;
  bool running = false;

  std::mutex mutex;
  std::condition_variable ended_changed;
  std::size_t ended = 0;
};

std::expected<void, Error> HttpServer::State::Listen(const ListenAddress& listen, std::string_view key,
                                                     const Router& served) {
  const auto failed = [&](const std::string& why) {
    return std::unexpected(Error{"listen_failed",
                                 "Cannot listen on " + listen.address + ":" + std::to_string(listen.port) + ": " + why,
                                 std::string(key)});
  };
  ErrorCode ec;
  const auto address = asio::ip::make_address(listen.address, ec);
  if (ec) return failed("this is no IP address");
  const tcp::endpoint endpoint(address, listen.port);
  auto acceptor = std::make_unique<Acceptor>(loops[0]->context());
  acceptor->open(endpoint.protocol(), ec);
  if (!ec) acceptor->set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor->bind(endpoint, ec);
  if (!ec) acceptor->listen(kBacklog, ec);
  if (ec) return failed(ec.message());
  const std::uint16_t bound = acceptor->local_endpoint(ec).port();
  listeners.push_back(std::make_unique<Listener>(std::move(acceptor), served, bound));
  return {};
}

void HttpServer::State::Accept(Listener& listener) {
  IoLoop& loop = *loops[next_loop];
  next_loop = (next_loop + 1) % loops.size();
  listener.acceptor->async_accept(loop.context(), [this, &loop, &listener](ErrorCode ec, Socket socket) {
    OnAccepted(ec, std::move(socket), loop, listener);
  });
}

void HttpServer::State::OnAccepted(ErrorCode ec, Socket socket, IoLoop& loop, Listener& listener) {
  if (!listener.acceptor->is_open()) return;
  if (ec) {
    const bool out_of_something = ec != asio::error::connection_aborted;
    if (!out_of_something) return Accept(listener);
    Log(LogLevel::kWarn, "cannot accept a connection", {{"why", ec.message()}});
    listener.resting = true;
    return;
  }
  if (shared.connections.load() >= options.limits.connections_max) {
    // A peer that speaks TLS cannot read this, and sees the end at once.
    socket.non_blocking(true, ec);
    socket.send(asio::buffer(TooManyConnections()), 0, ec);
    return Accept(listener);
  }
  ++shared.connections;
  socket.set_option(tcp::no_delay(true), ec);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytesMax, sizeof kUnsentBytesMax);
  const tcp::endpoint peer = socket.remote_endpoint(ec);
  asio::post(loop.context(), [this, &loop, &served = listener.router, peer, s = std::move(socket)]() mutable {
    auto transport = tls ? tls->MakeTransport(std::move(s)) : MakeTcpTransport(std::move(s));
    auto connection =
        std::make_shared<Connection>(loop, std::move(transport), Peer{AddressOf(peer), Text(peer), served});
    connection->Start(std::make_unique<HttpProtocol>(*connection));
  });
  Accept(listener);
}

HttpServer::HttpServer(ServerOptions options, std::vector<Route> routes, const Access& access, ServerObserver* observer)
    : state_(std::make_unique<State>(std::move(options), std::move(routes), access, observer)) {}

HttpServer::~HttpServer() {
  Stop(std::chrono::milliseconds(0));
}

std::uint16_t HttpServer::port() const {
  return state_->port;
}

std::uint16_t HttpServer::admin_port() const {
  return state_->admin_port;
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
  const ServerOptions& options = state.options;
  auto listening = state.Listen(options.listen, "listen", state.public_router ? *state.public_router : state.router);
  if (listening && options.admin_listen) {
    listening = state.Listen(*options.admin_listen, "admin_listen", state.router);
  }
  if (!listening) {
    state.listeners.clear();
    state.loops.clear();
    return listening;
  }
  state.port = state.listeners.front()->port;
  if (options.admin_listen) state.admin_port = state.listeners.back()->port;
  state.loops[0]->OnSweep([&state] {
    for (const auto& listener : state.listeners) {
      if (std::exchange(listener->resting, false) && listener->acceptor->is_open()) state.Accept(*listener);
    }
  });
  for (const auto& listener : state.listeners) state.Accept(*listener);
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
    for (const auto& listener : state.listeners) listener->acceptor->close(ignored);
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
  state.listeners.clear();
  state.loops.clear();
}

}  // namespace tagswell
