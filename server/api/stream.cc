#include "server/api/stream.h"

#include <utility>

#include "proto/tag_key.h"
#include "server/api/aliases_api.h"
#include "server/api/audit_api.h"
#include "server/api/authors_api.h"
#include "server/api/blocks_api.h"
#include "server/api/checkpoint_api.h"
#include "server/api/events_api.h"
#include "server/api/fasp_api.h"
#include "server/api/fediverse_api.h"
#include "server/api/ingest_socket.h"
#include "server/api/posts_api.h"
#include "server/api/read_api.h"
#include "server/api/remote_read_api.h"
#include "server/api/reviews_api.h"
#include "server/api/story_api.h"
#include "server/api/webhooks_api.h"
#include "server/logging.h"

namespace tagswell {

namespace {

// What they read last goes in with the rest; what takes longer is refused by then and comes again at the next start.
constexpr std::chrono::seconds kConnectorsEnd{2};

}  // namespace

PipelineOptions PipelineOptionsOf(const Config& config) {
  PipelineOptions options;
  options.store.dir = config.data_dir;
  options.store.fsync = config.fsync;
  options.store.fsync_interval = std::chrono::milliseconds(config.fsync_interval_ms);
  if (config.salt) options.store.salt = HashSalt{*config.salt};
  options.store.log_line = [](std::string_view line) { Log(LogLevel::kDebug, "rocksdb", {{"line", line}}); };
  options.store.retention = {.posts = std::chrono::days(config.retention_posts_days),
                             .history = std::chrono::days(config.retention_history_days),
                             .events = std::chrono::days(config.retention_events_days)};
  options.engine.lateness = std::chrono::seconds(config.lateness_seconds);
  options.engine.topics_max = config.topics_max;
  options.engine.detector.alarm_budget_per_day = config.alarm_budget_per_day;
  options.engine.detector.milestones = config.milestones;
  for (const std::string& tag : config.blocks) options.blocked.push_back(TagKey(tag));
  options.review = config.review;
  options.aliases = config.aliases;
  options.clock = config.clock == ClockMode::kEvent ? EngineClock::kEvent : EngineClock::kWall;
  options.queue_posts_max = config.queue_posts_max;
  options.queue_bytes_max = config.queue_bytes_max;
  options.store_bytes_max = config.stream_disk_bytes_max;
  return options;
}

void Stream::Observer::OnCommit(std::size_t posts, std::size_t duplicates, double commit_seconds) {
  metrics_.posts_accepted.Increment(static_cast<double>(posts));
  metrics_.posts_duplicate.Increment(static_cast<double>(duplicates));
  metrics_.commit_posts.Observe(static_cast<double>(posts));
  metrics_.commit_seconds.Observe(commit_seconds);
}

void Stream::Observer::OnSync(double seconds) {
  metrics_.fsync_seconds.Observe(seconds);
}

void Stream::Observer::OnEvent(const TrendEvent& event) {
  metrics_.CountEvent(event.type);
  if (Webhooks* const webhooks = webhooks_) webhooks->Wake();
}

std::expected<std::unique_ptr<Stream>, Error> Stream::Create(std::string name, const Config& config,
                                                             ApiContext::Shared shared) {
  auto resolver = TopicResolver::Create(config.aliases);
  if (!resolver) return std::unexpected(resolver.error());
  auto addresses = AddressRule::Create(config.webhook_addresses);
  if (!addresses) return std::unexpected(addresses.error());
  StreamMetrics& metrics = shared.metrics.AddStream(name == kDefaultStream ? "" : name);
  std::unique_ptr<Stream> stream(
      new Stream(std::move(name), config, std::move(*resolver), std::move(*addresses), shared, metrics));
  auto connectors = Connectors::Create(stream->api_, shared.metrics);
  if (!connectors) return std::unexpected(connectors.error());
  stream->connectors_ = std::move(*connectors);
  return stream;
}

Stream::Stream(std::string name, const Config& config, TopicResolver resolver, AddressRule addresses,
               ApiContext::Shared shared, StreamMetrics& metrics)
    : config_(config),
      resolver_(std::move(resolver)),
      addresses_(std::move(addresses)),
      metrics_(metrics),
      api_(std::move(name), config_, resolver_, shared, metrics),
      gauges_(metrics, config_.metrics_topics),
      observer_(metrics) {}

Stream::~Stream() {
  Stop();
}

std::vector<Route> Stream::Routes() {
  std::vector<Route> routes;
  AddPostsRoutes(api_, routes);
  AddIngestSocketRoute(api_, routes);
  AddReadRoutes(api_, routes);
  AddStoryRoutes(api_, routes);
  AddRemoteReadRoute(api_, routes);
  AddFediverseRoutes(api_, routes);
  AddEventsRoute(api_, routes);
  AddAuthorsRoute(api_, routes);
  AddBlocksRoutes(api_, routes);
  AddReviewsRoutes(api_, routes);
  AddAliasesRoutes(api_, routes);
  AddAuditRoute(api_, routes);
  AddWebhooksRoutes(api_, routes);
  AddFaspRoutes(api_, routes);
  AddCheckpointRoute(api_, routes);
  return routes;
}

std::expected<void, Error> Stream::Open() {
  const Stopwatch opening;
  PipelineOptions options = PipelineOptionsOf(config_);
  if (!options.store.salt) options.store.salt = DrawSalt();
  auto pipeline = Pipeline::Open(options, api_.clock(), &observer_);
  if (!pipeline) return std::unexpected(pipeline.error());
  pipeline_ = std::move(*pipeline);
  webhooks_ = std::make_unique<Webhooks>(
      WebhookOptions{.rules = {.give_up = std::chrono::seconds(config_.webhook_give_up_seconds)},
                     .addresses = addresses_},
      *pipeline_, api_.clock());
  observer_.Tell(*webhooks_);
  if (auto started = webhooks_->Start(); !started) return started;
  api_.SetWebhooks(*webhooks_);
  if (!config_.fasp_url.empty()) {
    fasp_ = std::make_unique<Fasp>(FaspOptions{.name = config_.fasp_name,
                                               .url = config_.fasp_url,
                                               .path = name() == kDefaultStream ? "" : "/v1/streams/" + name(),
                                               .addresses = addresses_},
                                   *pipeline_, api_.clock());
    if (auto started = fasp_->Start(); !started) return started;
    api_.SetFasp(*fasp_);
  }
  gauges_.Watch(*pipeline_);
  api_.Ready(*pipeline_);
  if (auto started = connectors_->Start(*pipeline_); !started) return started;
  Log(LogLevel::kInfo, "ready",
      {{"posts", pipeline_->store().log().PostCount()}, {"seconds", opening.Seconds()}, {"stream", name()}});
  return {};
}

bool Stream::Stop() {
  if (fasp_) fasp_->Stop();
  bool ended = true;
  if (connectors_) {
    connectors_->Interrupt();
    ended = connectors_->WaitForEnd(kConnectorsEnd);
  }
  if (pipeline_) pipeline_->Stop();
  metrics_.SetRefresh({});
  return ended;
}

}  // namespace tagswell
