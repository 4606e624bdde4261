#include "server/api/run_server.h"

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "server/api/ops_api.h"
#include "server/api/page_api.h"
#include "server/api/stream.h"
#include "server/api/streams_api.h"
#include "server/logging.h"
#include "server/net/ip_address.h"
#include "server/net/server.h"

namespace tagswell {
namespace {

// Orchestrators kill after ten seconds: the network gets half of them, the pipeline the rest.
constexpr std::chrono::milliseconds kStopDeadline{4000};

ServerOptions ServerOptionsOf(const Config& config, RateLimits& limits) {
  ServerOptions options;
  options.listen = config.Listen();
  options.admin_listen = config.AdminListen();
  options.threads = config.io_threads;
  options.allowed_origins = config.allowed_origins;
  // Where a browser on this machine may read without a token, no page of the web may borrow it.
  const bool open_here = config.public_read && IpAddress::Parse(options.listen.address)->IsLoopback();
  if (config.tokens.empty() || open_here) {
    std::vector<std::string> hosts = config.allowed_hosts;
    hosts.push_back(options.listen.address);
    options.hosts.emplace(std::move(hosts));
  }
  options.trusted_proxies = NetworkSet::Create(config.trusted_proxies).value_or(NetworkSet());
  options.rate_limits = &limits;
  options.tls = {config.tls_certificate, config.tls_key};
  options.limits.body_bytes_max = config.body_bytes_max;
  options.limits.decoded_bytes_max = config.decoded_bytes_max;
  options.limits.connections_max = config.connections_max;
  return options;
}

std::expected<std::vector<std::unique_ptr<Stream>>, Error> StreamsOf(const Config& config, ApiContext::Shared shared) {
  std::vector<std::unique_ptr<Stream>> streams;
  const auto add = [&](std::string_view name, const Config& of_stream) -> std::expected<void, Error> {
    auto stream = Stream::Create(std::string(name), of_stream, shared);
    if (!stream) return std::unexpected(stream.error());
    streams.push_back(std::move(*stream));
    return {};
  };
  if (auto added = add(kDefaultStream, config); !added) return std::unexpected(added.error());
  for (const StreamSettings& settings : config.streams) {
    if (auto added = add(settings.name, config.OfStream(settings)); !added) return std::unexpected(added.error());
  }
  return streams;
}

// `work` for each of them, all at once: each waits for its own disk, and folds on its own core.
void ForAll(std::vector<std::unique_ptr<Stream>>& streams, const std::function<void(Stream&)>& work) {
  std::vector<std::thread> threads;
  for (const std::unique_ptr<Stream>& stream : streams) threads.emplace_back([&] { work(*stream); });
  for (std::thread& thread : threads) thread.join();
}

// Gives the first error. A stream that is open answers while others still fold.
std::expected<void, Error> OpenAll(std::vector<std::unique_ptr<Stream>>& streams) {
  std::mutex mutex;
  std::expected<void, Error> result;
  ForAll(streams, [&](Stream& stream) {
    auto opened = stream.Open();
    if (opened) return;
    const std::lock_guard lock(mutex);
    if (!result) return;
    if (stream.name() != kDefaultStream)
      opened.error().detail = "stream " + stream.name() + ": " + opened.error().detail;
    result = std::move(opened);
  });
  return result;
}

// SIGTERM and SIGINT are taken by one thread that asks for them; no handler runs anywhere. So is SIGHUP where there is
// a certificate to reload: without one it ends the server, as a closed terminal ends any program.
sigset_t BlockSignals(const Config& config) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  if (!config.tls_certificate.empty()) sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

int Fail(std::string_view what, const Error& error) {
  Log(LogLevel::kError, what, {{"code", error.code}, {"detail", error.detail}});
  return 1;
}

}  // namespace

int RunServer(const Config& config) {
  const sigset_t signals = BlockSignals(config);
  const WallClock clock;
  Metrics metrics;
  RateLimits limits(config.rate_limits, config.tokens);
  auto streams = StreamsOf(config, {clock, limits, metrics});
  if (!streams) return Fail("bad configuration", streams.error());
  const StreamRights rights(config.tokens);
  std::vector<Route> routes;
  AddStreamRoutes(*streams, rights, routes);
  AddOpsRoutes(*streams, rights, metrics, routes);
  AddPageRoutes(routes);
  std::vector<std::string> patterns;
  for (const Route& route : routes) patterns.push_back(route.pattern);
  metrics.CountRoutes(patterns);

  // Listen first: a probe that comes while the log is read gets its 503.
  RoleSet anyone;
  if (config.public_read) anyone.Add(Role::kRead);
  const Access access(config.tokens, anyone);
  HttpServer server(ServerOptionsOf(config, limits), routes, access, &metrics);
  if (auto started = server.Start(); !started) return Fail("cannot listen", started.error());
  const std::string host = config.Listen().address;
  Log(LogLevel::kInfo, "listening",
      {{"address", host},
       {"port", server.port()},
       {"board",
        (config.tls_certificate.empty() ? "http://" : "https://") + host + ":" + std::to_string(server.port()) + "/"}});
  if (const auto admin = config.AdminListen()) {
    Log(LogLevel::kInfo, "listening for operators", {{"address", admin->address}, {"port", server.admin_port()}});
  }
  if (config.tokens.empty()) Log(LogLevel::kInfo, "no tokens configured: open to this machine only");

  if (auto opened = OpenAll(*streams); !opened) {
    server.Stop(std::chrono::milliseconds(0));
    ForAll(*streams, [](Stream& stream) { stream.Stop(); });
    return Fail("cannot open the store", opened.error());
  }

  int signal_number = 0;
  while (sigwait(&signals, &signal_number), signal_number == SIGHUP) {
    if (const auto reloaded = server.ReloadCertificate(); !reloaded) {
      Log(LogLevel::kError, "the old certificate stays",
          {{"code", reloaded.error().code}, {"detail", reloaded.error().detail}});
    } else {
      Log(LogLevel::kInfo, "certificate reloaded");
    }
  }
  Log(LogLevel::kInfo, "stopping", {{"signal", signal_number}});

  for (const std::unique_ptr<Stream>& stream : *streams) stream->BeginDraining();
  server.Stop(kStopDeadline);
  std::atomic<bool> all_ended = true;
  ForAll(*streams, [&all_ended](Stream& stream) {
    if (!stream.Stop()) all_ended = false;
  });
  Log(LogLevel::kInfo, "stopped");
  // All is on the disk. A look-up of a name may hang for half a minute yet, and nothing would come of it.
  if (!all_ended) std::_Exit(0);
  return 0;
}

}  // namespace tagswell
