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

// What was used most in the last hour, and what trends. Both bounded by who makes them.
struct TopicFigure {
  std::string topic;
  double posts = 0;
  double authors = 0;
};
struct TrendFigure {
  std::string scope;
  std::string topic;
  double rank = 0;
  double score = 0;
  double started_at = 0;  // seconds since 1970
};
struct BoardFigures {
  std::vector<TopicFigure> topics;
  std::vector<TrendFigure> trends;
};

enum class Exposition : unsigned char { kText, kOpenMetrics };

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
  prometheus::Gauge& trends;              // tagswell_trends: running, in all scopes
  prometheus::Gauge& watermark;           // tagswell_watermark_timestamp_seconds
  prometheus::Gauge& subscribers;         // tagswell_subscribers
  prometheus::Gauge& storage_bytes;       // tagswell_storage_bytes: sorted files on disk
  prometheus::Gauge& storage_free_bytes;  // tagswell_storage_free_bytes: of the file system
  prometheus::Gauge& index_bytes;         // tagswell_index_memory_bytes: filters and young index
  prometheus::Gauge& memtable_bytes;      // tagswell_memtable_bytes
  prometheus::Gauge& cache_bytes;         // tagswell_block_cache_bytes

  void CountRejected(std::string_view code,
                     double posts);         // tagswell_posts_rejected_total{code}; unknown codes: "other"
  void CountEvent(TrendEventType type);     // tagswell_events_total{type}
  void OnLimited(LimitKind kind) override;  // tagswell_rate_limited_total{limit}

  // Asked at each collection, on the collecting thread: the members of tagswell_topic_posts{topic},
  // tagswell_topic_authors{topic} and of tagswell_trend_rank, _score and _started_timestamp_seconds{scope,topic}.
  void SetBoards(std::function<BoardFigures()> source);
  // Runs before each collection, for gauges that are read rather than kept.
  void SetRefresh(std::function<void()> refresh);

  // Text format 0.0.4, or OpenMetrics 1.0.0.
  std::string Text(Exposition exposition);

  void OnRequest(std::size_t route, int status, double seconds) override;
  void OnSubscriberOpened() override;
  void OnSubscriberClosed(std::string_view reason) override;

 private:
  struct Members;
  std::unique_ptr<Members> members_;
};

}  // namespace tagswell
