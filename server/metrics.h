// What the server tells Prometheus. Members are created once and kept: counting is a few nanoseconds.
#pragma once

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/connector_metrics.h"
#include "server/net/server.h"
#include "server/stream_metrics.h"

namespace tagswell {

enum class Exposition : unsigned char { kText, kOpenMetrics };

// Thread-safe. Count per request or block, not per post. No label ever takes a stranger's text without a bound.
class Metrics final : public ServerObserver {
 public:
  Metrics();
  ~Metrics() override;

 private:
  prometheus::Registry registry_;  // first: everything below refers into it

 public:
  prometheus::Gauge& subscribers;  // tagswell_subscribers

  // Before the first request: label tagswell_http_requests_total, in the order of the server's table.
  void CountRoutes(const std::vector<std::string>& route_patterns);

  // The figures of one stream more, the default one's with an empty name. As long as these metrics.
  StreamMetrics& AddStream(const std::string& name);

  // The figures of one connector more, of a stream as for AddStream. As long as these metrics.
  ConnectorMetrics& AddConnector(const std::string& stream, const std::string& connector);

  // Text format 0.0.4, or OpenMetrics 1.0.0.
  std::string Text(Exposition exposition);

  void OnRequest(std::size_t route, int status, double seconds) override;
  void OnLimited(LimitKind kind) override;  // tagswell_rate_limited_total{limit}
  void OnSubscriberOpened() override;
  void OnSubscriberClosed(std::string_view reason) override;

 private:
  struct Members;
  std::unique_ptr<Members> members_;
};

}  // namespace tagswell
