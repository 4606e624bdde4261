#include "server/api/run_server.h"

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "proto/tag_key.h"
#include "server/api/aliases_api.h"
#include "server/api/api_context.h"
#include "server/api/audit_api.h"
#include "server/api/blocks_api.h"
#include "server/api/checkpoint_api.h"
#include "server/api/engine_gauges.h"
#include "server/api/events_api.h"
#include "server/api/fediverse_api.h"
#include "server/api/ingest_socket.h"
#include "server/api/ops_api.h"
#include "server/api/page_api.h"
#include "server/api/posts_api.h"
#include "server/api/read_api.h"
#include "server/api/remote_read_api.h"
#include "server/api/story_api.h"
#include "server/api/webhooks_api.h"
#include "server/logging.h"
#include "server/net/server.h"
#include "server/pipeline/pipeline.h"
#include "server/webhooks/webhooks.h"

namespace tagswell {
namespace {

// Orchestrators kill after ten seconds: the network gets half of them, the pipeline the rest.
constexpr std::chrono::milliseconds kStopDeadline{4000};

std::vector<Route> AllRoutes(ApiContext& api) {
  std::vector<Route> routes;
  AddPostsRoutes(api, routes);
  AddIngestSocketRoute(api, routes);
  AddReadRoutes(api, routes);
  AddStoryRoutes(api, routes);
  AddRemoteReadRoute(api, routes);
  AddFediverseRoutes(api, routes);
  AddEventsRoute(api, routes);
  AddBlocksRoutes(api, routes);
  AddAliasesRoutes(api, routes);
  AddAuditRoute(api, routes);
  AddWebhooksRoutes(api, routes);
  AddCheckpointRoute(api, routes);
  AddOpsRoutes(api, routes);
  AddPageRoutes(routes);
  return routes;
}

ServerOptions ServerOptionsOf(const Config& config, RateLimits& limits) {
  ServerOptions options;
  options.listen = config.Listen();
  options.admin_listen = config.AdminListen();
  options.threads = config.io_threads;
  options.allowed_origins = config.allowed_origins;
  if (config.tokens.empty()) {
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

class PipelineMetrics final : public PipelineObserver {
 public:
  explicit PipelineMetrics(Metrics& metrics) : metrics_(metrics) {}
  void OnCommit(std::size_t posts, std::size_t duplicates, double commit_seconds) override {
    metrics_.posts_accepted.Increment(static_cast<double>(posts));
    metrics_.posts_duplicate.Increment(static_cast<double>(duplicates));
    metrics_.commit_posts.Observe(static_cast<double>(posts));
    metrics_.commit_seconds.Observe(commit_seconds);
  }
  void OnSync(double seconds) override { metrics_.fsync_seconds.Observe(seconds); }
  void OnEvent(const TrendEvent& event) override {
    metrics_.CountEvent(event.type);
    if (Webhooks* const webhooks = webhooks_) webhooks->Wake();
  }

  // Told of every event from now on.
  void Tell(Webhooks& webhooks) { webhooks_ = &webhooks; }

 private:
  Metrics& metrics_;
  std::atomic<Webhooks*> webhooks_ = nullptr;
};

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

PipelineOptions PipelineOptionsOf(const Config& config) {
  PipelineOptions options;
  options.store.dir = config.data_dir;
  options.store.fsync = config.fsync;
  options.store.fsync_interval = std::chrono::milliseconds(config.fsync_interval_ms);
  if (config.salt) options.store.salt = HashSalt{*config.salt};
  options.store.log_line = [](std::string_view line) { Log(LogLevel::kDebug, "rocksdb", {{"line", line}}); };
  options.engine.lateness = std::chrono::seconds(config.lateness_seconds);
  options.engine.detector.alarm_budget_per_day = config.alarm_budget_per_day;
  options.engine.detector.milestones = config.milestones;
  for (const std::string& tag : config.blocks) options.blocked.push_back(TagKey(tag));
  options.aliases = config.aliases;
  options.clock = config.clock == ClockMode::kEvent ? EngineClock::kEvent : EngineClock::kWall;
  options.queue_posts_max = config.queue_posts_max;
  options.queue_bytes_max = config.queue_bytes_max;
  return options;
}

int RunServer(const Config& config) {
  const sigset_t signals = BlockSignals(config);
  const WallClock clock;
  auto resolver = TopicResolver::Create(config.aliases);
  if (!resolver) return Fail("bad alias", resolver.error());
  auto addresses = AddressRule::Create(config.webhook_addresses);
  if (!addresses) return Fail("bad webhook_addresses", addresses.error());
  ApiContext api(config, *resolver, clock);
  const std::vector<Route> routes = AllRoutes(api);
  std::vector<std::string> patterns;
  for (const Route& route : routes) patterns.push_back(route.pattern);
  Metrics metrics(patterns);
  api.SetMetrics(&metrics);
  EngineGauges gauges(metrics, config.metrics_topics);
  PipelineMetrics observer(metrics);

  // Listen first: a probe that comes while the log is read gets its 503.
  const Access access(config.tokens);
  RateLimits limits(config.rate_limits, config.tokens);
  api.SetRateLimits(limits);
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

  const Stopwatch opening;
  auto pipeline = Pipeline::Open(PipelineOptionsOf(config), clock, &observer);
  if (!pipeline) {
    server.Stop(std::chrono::milliseconds(0));
    return Fail("cannot open the store", pipeline.error());
  }
  Webhooks webhooks(
      {.rules = {.give_up = std::chrono::seconds(config.webhook_give_up_seconds)}, .addresses = std::move(*addresses)},
      **pipeline, clock);
  observer.Tell(webhooks);
  if (auto started = webhooks.Start(); !started) {
    server.Stop(std::chrono::milliseconds(0));
    (*pipeline)->Stop();
    return Fail("webhooks cannot be read", started.error());
  }
  api.SetWebhooks(webhooks);
  gauges.Watch(**pipeline);
  api.Ready(**pipeline);
  Log(LogLevel::kInfo, "ready", {{"posts", (*pipeline)->store().log().PostCount()}, {"seconds", opening.Seconds()}});

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

  api.Draining();
  server.Stop(kStopDeadline);
  (*pipeline)->Stop();
  metrics.SetRefresh({});
  Log(LogLevel::kInfo, "stopped");
  return 0;
}

}  // namespace tagswell
