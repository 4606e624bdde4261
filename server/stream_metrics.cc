#include "server/stream_metrics.h"

#include <array>
#include <mutex>
#include <set>
#include <utility>

#include "server/metric_families.h"

namespace tagswell {
namespace {

// Everything that can stand behind a rejected post. A code from elsewhere is counted as "other", so that the number of
// series does not depend on what strangers send.
constexpr std::string_view kRejectCodes[] = {
    "malformed_json", "not_a_post",        "duplicate_field", "missing_id",         "missing_source",
    "missing_author", "missing_text",      "bad_type",        "missing_created_at", "created_at_in_future",
    "bad_time",       "time_out_of_range", "empty_id",        "empty_source",       "empty_author",
    "id_too_long",    "source_too_long",   "author_too_long", "text_too_long",      "bad_source",
    "bad_kind",       "bad_lang",          "bad_country",     "too_many_posts"};

const prometheus::Histogram::BucketBoundaries kBlockPosts = {1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000};

// A family whose members change from one collection to the next.
class LabelledGauges {
 public:
  void Register(prometheus::Registry& registry, const std::string& name, const std::string& help) {
    family_ = &prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }
  void Clear() {
    for (prometheus::Gauge* gauge : members_) family_->Remove(gauge);
    members_.clear();
  }
  // Add gives the same gauge twice for the same labels.
  void Set(prometheus::Labels labels, const prometheus::Labels& stream, double value) {
    labels.insert(stream.begin(), stream.end());
    prometheus::Gauge& gauge = family_->Add(labels);
    gauge.Set(value);
    members_.insert(&gauge);
  }

 private:
  prometheus::Family<prometheus::Gauge>* family_ = nullptr;
  std::set<prometheus::Gauge*> members_;
};

}  // namespace

struct StreamMetrics::Members {
  std::vector<std::pair<std::string_view, prometheus::Counter*>> rejected;
  prometheus::Counter* rejected_other = nullptr;
  std::array<prometheus::Counter*, 6> events = {};
  LabelledGauges topic_posts;
  LabelledGauges topic_authors;
  LabelledGauges trend_rank;
  LabelledGauges trend_score;
  LabelledGauges trend_started;

  std::mutex mutex;  // of what follows
  std::function<BoardFigures()> boards;
  std::function<void()> refresh;

  void Register(prometheus::Registry& registry, const prometheus::Labels& labels);
};

namespace {

prometheus::Labels With(prometheus::Labels labels, const char* name, std::string_view value) {
  labels.emplace(name, value);
  return labels;
}

}  // namespace

void StreamMetrics::Members::Register(prometheus::Registry& registry, const prometheus::Labels& labels) {
  auto& rejected_family = prometheus::BuildCounter()
                              .Name("tagswell_posts_rejected_total")
                              .Help("Posts that were refused, by code.")
                              .Register(registry);
  for (const std::string_view code : kRejectCodes) {
    rejected.emplace_back(code, &rejected_family.Add(With(labels, "code", code)));
  }
  rejected_other = &rejected_family.Add(With(labels, "code", "other"));
  auto& events_family =
      prometheus::BuildCounter().Name("tagswell_events_total").Help("Trend events, by type.").Register(registry);
  for (std::size_t i = 0; i < events.size(); ++i) {
    constexpr std::string_view kTypes[] = {"started", "rank", "milestone", "peaked", "ended", "retracted"};
    events[i] = &events_family.Add(With(labels, "type", kTypes[i]));
  }
  topic_posts.Register(registry, "tagswell_topic_posts", "Posts of the last hour of the topics used most.");
  topic_authors.Register(registry, "tagswell_topic_authors", "Authors of the last hour of the topics used most.");
  trend_rank.Register(registry, "tagswell_trend_rank", "Rank of what trends, by scope.");
  trend_score.Register(registry, "tagswell_trend_score", "Score of what trends, by scope; 1 is the bar.");
  trend_started.Register(registry, "tagswell_trend_started_timestamp_seconds",
                         "When what trends began to, since the epoch in seconds of the stream.");
}

StreamMetrics::StreamMetrics(prometheus::Registry& registry, const std::string& stream)
    : labels_(stream.empty() ? prometheus::Labels() : prometheus::Labels{{"stream", stream}}),
      posts_accepted(AddCounter(registry, "tagswell_posts_accepted_total", "New posts that were stored.", labels_)),
      posts_duplicate(
          AddCounter(registry, "tagswell_posts_duplicate_total", "Posts seen before, counted once.", labels_)),
      queue_posts(AddGauge(registry, "tagswell_queue_posts", "Posts that wait to be committed.", labels_)),
      queue_bytes(AddGauge(registry, "tagswell_queue_bytes", "Bytes that wait to be committed.", labels_)),
      commit_seconds(
          AddHistogram(registry, "tagswell_commit_seconds", "One block into the log.", kLatencySeconds, labels_)),
      fsync_seconds(AddHistogram(registry, "tagswell_fsync_seconds", "One sync of the log.", kLatencySeconds, labels_)),
      commit_posts(AddHistogram(registry, "tagswell_commit_posts", "Posts in one block.", kBlockPosts, labels_)),
      engine_lag_posts(AddGauge(registry, "tagswell_engine_lag_posts", "Posts accepted and not yet counted.", labels_)),
      topics_live(AddGauge(registry, "tagswell_topics_live", "Topics that hold counters.", labels_)),
      topics_forgotten(AddGauge(registry, "tagswell_topics_forgotten",
                                "Topics that lost their counters for want of room, since the store began.", labels_)),
      mentions_unadmitted(AddGauge(registry, "tagswell_mentions_unadmitted",
                                   "Mentions not counted live, of topics for which there was no room.", labels_)),
      memory_bytes(AddGauge(registry, "tagswell_memory_bytes", "Memory that the engine holds.", labels_)),
      trends(AddGauge(registry, "tagswell_trends", "Trends that run and are shown, in all scopes.", labels_)),
      trends_waiting(AddGauge(registry, "tagswell_trends_waiting", "Trends that wait for an operator's yes.", labels_)),
      watermark(AddGauge(registry, "tagswell_watermark_timestamp_seconds",
                         "How far the stream is counted, since the epoch in seconds.", labels_)),
      storage_bytes(AddGauge(registry, "tagswell_storage_bytes", "Sorted files of the store on disk.", labels_)),
      storage_free_bytes(
          AddGauge(registry, "tagswell_storage_free_bytes", "Free space of the store's file system.", labels_)),
      oldest_post(AddGauge(registry, "tagswell_oldest_post_timestamp_seconds",
                           "When the oldest post that is kept was written, since the epoch in seconds.", labels_)),
      index_bytes(AddGauge(registry, "tagswell_index_memory_bytes", "Memory of filters and young index.", labels_)),
      memtable_bytes(
          AddGauge(registry, "tagswell_memtable_bytes", "Memory of what is not in sorted files yet.", labels_)),
      cache_bytes(AddGauge(registry, "tagswell_block_cache_bytes", "Memory of the store's block cache.", labels_)),
      members_(std::make_unique<Members>()) {
  members_->Register(registry, labels_);
}

StreamMetrics::~StreamMetrics() = default;

void StreamMetrics::CountRejected(std::string_view code, double posts) {
  for (const auto& [name, counter] : members_->rejected) {
    if (name == code) return counter->Increment(posts);
  }
  members_->rejected_other->Increment(posts);
}

void StreamMetrics::CountEvent(TrendEventType type) {
  members_->events.at(static_cast<std::size_t>(type))->Increment();
}

void StreamMetrics::SetBoards(std::function<BoardFigures()> source) {
  const std::lock_guard lock(members_->mutex);
  members_->boards = std::move(source);
}

void StreamMetrics::SetRefresh(std::function<void()> refresh) {
  const std::lock_guard lock(members_->mutex);
  members_->refresh = std::move(refresh);
}

void StreamMetrics::Collect() {
  Members& of = *members_;
  const std::lock_guard lock(of.mutex);
  if (of.refresh) of.refresh();
  for (LabelledGauges* gauges :
       {&of.topic_posts, &of.topic_authors, &of.trend_rank, &of.trend_score, &of.trend_started}) {
    gauges->Clear();
  }
  if (!of.boards) return;
  const BoardFigures figures = of.boards();
  for (const TopicFigure& topic : figures.topics) {
    of.topic_posts.Set({{"topic", topic.topic}}, labels_, topic.posts);
    of.topic_authors.Set({{"topic", topic.topic}}, labels_, topic.authors);
  }
  for (const TrendFigure& trend : figures.trends) {
    const prometheus::Labels labels = {{"scope", trend.scope}, {"topic", trend.topic}};
    of.trend_rank.Set(labels, labels_, trend.rank);
    of.trend_score.Set(labels, labels_, trend.score);
    of.trend_started.Set(labels, labels_, trend.started_at);
  }
}

}  // namespace tagswell
