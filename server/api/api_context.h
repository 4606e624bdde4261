// What the handlers of one stream need. The pipeline is there only once the store is open and folded; until then
// handlers answer 503 starting.
#pragma once

#include <atomic>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/body_parser.h"
#include "proto/topic_resolver.h"
#include "server/clock.h"
#include "server/config/config.h"
#include "server/metrics.h"
#include "server/net/http.h"
#include "server/net/rate_limits.h"
#include "server/net/route.h"
#include "server/pipeline/pipeline.h"

namespace tagswell {

class Fasp;
class Webhooks;

// Parsers keep big buffers: a few are shared by all handlers. Thread-safe.
class ParserPool {
 public:
  ParserPool(const TopicResolver& resolver, HashSalt salt) : resolver_(resolver), salt_(salt) {}
  std::expected<ParsedBody, Error> Parse(PostFormat format, BodyShape shape, std::string_view body,
                                         Timestamp accept_until);

 private:
  const TopicResolver& resolver_;
  const HashSalt salt_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<BodyParser>> idle_;
};

// Thread-safe: handlers run on every io thread.
class ApiContext {
 public:
  // What all streams share.
  struct Shared {
    const Clock& clock;
    RateLimits& limits;
    Metrics& metrics;
  };

  // Everything outlives the context. `stream` is the name of the stream that it is of.
  ApiContext(std::string stream, const Config& config, const TopicResolver& resolver, Shared shared,
             StreamMetrics& metrics);

  const std::string& stream() const { return stream_; }
  const Config& config() const { return config_; }
  const Clock& clock() const { return shared_.clock; }
  StreamMetrics& metrics() { return metrics_; }

  // Posts of `payer`, before they are read: nothing, or the limit they came up against, which is counted.
  std::optional<LimitHit> LimitOfPosts(const Payer& payer);
  // Reads them, for `payer` to pay; what is rejected is counted. After Ready(). Errors: those of BodyParser::Parse.
  std::expected<ParsedBody, Error> ReadPosts(PostFormat format, BodyShape shape, std::string_view body,
                                             const Payer& payer);

  // Before Ready().
  void SetWebhooks(Webhooks& webhooks) { webhooks_ = &webhooks; }
  Webhooks* webhooks() { return webhooks_; }  // never null for a handler with a pipeline
  void SetFasp(Fasp& fasp) { fasp_ = &fasp; }
  Fasp* fasp() { return fasp_; }  // null where no fasp_url is configured

  // Ready() once; Draining() once, before the pipeline stops.
  void Ready(Pipeline& pipeline);
  void Draining() { draining_ = true; }

  // Null while starting or draining: answer NotReady().
  Pipeline* pipeline() { return draining_ ? nullptr : pipeline_.load(std::memory_order_acquire); }
  Response NotReady() const;

  // Posts later than this are rejected. On event time there is no later.
  Timestamp AcceptUntil() const;

  // The topic that a tag, in any spelling and with or without '#', counts as by the configuration; the groups that
  // calls made are up to those who ask for it, for the engine and the store have come to them or not. What no post can
  // be tagged with is nothing: without a letter, with a control character, too long.
  std::optional<std::string> CountedTopicOf(std::string_view tag) const;
  // The same for reads, where such a tag is only never found.
  std::string TopicOf(std::string_view tag) const;

 private:
  void OwePosts(const Payer& payer, const std::expected<ParsedBody, Error>& parsed);

  const std::string stream_;
  const Config& config_;
  const TopicResolver& resolver_;
  const Shared shared_;
  StreamMetrics& metrics_;
  RateBucket posts_;  // of the stream
  Webhooks* webhooks_ = nullptr;
  Fasp* fasp_ = nullptr;
  std::optional<ParserPool> parsers_;
  std::atomic<Pipeline*> pipeline_ = nullptr;
  std::atomic<bool> draining_ = false;
};

// The topic that the path names under `name`, as CountedTopicOf, or what to answer.
std::expected<std::string, Response> TopicParam(const ApiContext& api, const Request& request, std::string_view name);

// A handler that is only called with a pipeline.
Handler WithPipeline(ApiContext& api, std::function<void(Pipeline&, Request&&, Reply)> handler);

Response JsonResponse(int status, std::string body);

// What a failed Submit, Retract or change answers.
Response SubmitProblem(const Error& error);

}  // namespace tagswell
