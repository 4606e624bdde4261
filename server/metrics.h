// What the server tells Prometheus. Members are created once and kept: counting is a few nanoseconds.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/trend_event.h"
#include "server/net/server.h"

namespace tagswell {

struct TopicCount {
  std::string topic;
  double posts = 0;
};

// Thread-safe. Count per request or block, not per post. No label ever takes a stranger's text without a bound.
class Metrics final : public ServerObserver {
 public:
  // `route_patterns` label tagswell_http_requests_total, in the order of the server's table.
  explicit Metrics(const std::vector<std::string>& route_patterns);
  ~Metrics() override;

 private:
  prometheus::Registry registry_;  // first: everything below refers into it

 public:
  prometheus::Counter& posts_accepted;    // tagswell_posts_accepted_total
  prometheus::Counter& posts_duplicate;   // tagswell_posts_duplicate_total
  prometheus::Gauge& queue_posts;         // tagswell_queue_posts
  prometheus::Gauge& queue_bytes;         // tagswell_queue_bytes
  prometheus::Histogram& commit_seconds;  // tagswell_commit_seconds
  prometheus::Histogram& fsync_seconds;   // tagswell_fsync_seconds
  prometheus::Histogram& commit_posts;    // tagswell_commit_posts: posts a block
  prometheus::Gauge& engine_lag_posts;    // tagswell_engine_lag_posts
  prometheus::Gauge& topics_live;         // tagswell_topics_live
  prometheus::Gauge& memory_bytes;        // tagswell_memory_bytes: what the engine says it holds
  prometheus::Gauge& subscribers;         // tagswell_subscribers

  void CountRejected(std::string_view code,
                     double posts);      // tagswell_posts_rejected_total{code}; unknown codes: "other"
  void CountEvent(TrendEventType type);  // tagswell_events_total{type}

  // Asked at each collection, on the collecting thread: the members of tagswell_topic_posts{topic} from now on.
  void SetTopTopics(std::function<std::vector<TopicCount>()> source);
  // Runs before each collection, for gauges that are read rather than kept.
  void SetRefresh(std::function<void()> refresh);

  std::string Text();  // the exposition, text format 0.0.4

  void OnRequest(std::size_t route, int status, double seconds) override;
  void OnSubscriberOpened() override;
  void OnSubscriberClosed(std::string_view reason) override;

 private:
  struct Members;
  std::unique_ptr<Members> members_;
};

}  // namespace tagswell
