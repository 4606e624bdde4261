// What one stream tells Prometheus. Members are created once and kept: counting is a few nanoseconds.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/trend_event.h"

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

// Thread-safe, but for Collect. Count per request or block, not per post. No label ever takes a stranger's text without
// a bound.
class StreamMetrics {
 public:
  // Members have the label stream="…"; those of the default stream, which `stream` is empty for, have none.
  StreamMetrics(prometheus::Registry& registry, const std::string& stream);
  ~StreamMetrics();

 private:
  const prometheus::Labels labels_;

 public:
  prometheus::Counter& posts_accepted;     // tagswell_posts_accepted_total
  prometheus::Counter& posts_duplicate;    // tagswell_posts_duplicate_total
  prometheus::Gauge& queue_posts;          // tagswell_queue_posts
  prometheus::Gauge& queue_bytes;          // tagswell_queue_bytes
  prometheus::Histogram& commit_seconds;   // tagswell_commit_seconds
  prometheus::Histogram& fsync_seconds;    // tagswell_fsync_seconds
  prometheus::Histogram& commit_posts;     // tagswell_commit_posts: posts a block
  prometheus::Gauge& engine_lag_posts;     // tagswell_engine_lag_posts
  prometheus::Gauge& topics_live;          // tagswell_topics_live
  prometheus::Gauge& topics_forgotten;     // tagswell_topics_forgotten: for want of room
  prometheus::Gauge& mentions_unadmitted;  // tagswell_mentions_unadmitted: of topics for which there was no room
  prometheus::Gauge& memory_bytes;         // tagswell_memory_bytes: what the engine says it holds
  prometheus::Gauge& trends;               // tagswell_trends: running, in all scopes
  prometheus::Gauge& trends_waiting;      // tagswell_trends_waiting: running, and not shown before an operator says yes
  prometheus::Gauge& watermark;           // tagswell_watermark_timestamp_seconds
  prometheus::Gauge& storage_bytes;       // tagswell_storage_bytes: sorted files on disk
  prometheus::Gauge& storage_free_bytes;  // tagswell_storage_free_bytes: of the file system
  prometheus::Gauge& oldest_post;         // tagswell_oldest_post_timestamp_seconds: of those kept
  prometheus::Gauge& index_bytes;         // tagswell_index_memory_bytes: filters and young index
  prometheus::Gauge& memtable_bytes;      // tagswell_memtable_bytes
  prometheus::Gauge& cache_bytes;         // tagswell_block_cache_bytes

  void CountRejected(std::string_view code,
                     double posts);      // tagswell_posts_rejected_total{code}; unknown codes: "other"
  void CountEvent(TrendEventType type);  // tagswell_events_total{type}

  // Asked at each collection, on the collecting thread: the members of tagswell_topic_posts{topic},
  // tagswell_topic_authors{topic} and of tagswell_trend_rank, _score and _started_timestamp_seconds{scope,topic}.
  void SetBoards(std::function<BoardFigures()> source);
  // Runs before each collection, for gauges that are read rather than kept.
  void SetRefresh(std::function<void()> refresh);

  // One thread at a time.
  void Collect();

 private:
  struct Members;
  std::unique_ptr<Members> members_;
};

}  // namespace tagswell
