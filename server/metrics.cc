#include "server/metrics.h"

#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace tagswell {
namespace {

constexpr int kStatusClasses = 5;

// Everything that can stand behind a rejected post. A code from elsewhere is counted as "other", so that the number of
// series does not depend on what strangers send.
constexpr std::string_view kRejectCodes[] = {
    "malformed_json", "not_a_post",        "duplicate_field", "missing_id",         "missing_source",
    "missing_author", "missing_text",      "bad_type",        "missing_created_at", "created_at_in_future",
    "bad_time",       "time_out_of_range", "empty_id",        "empty_source",       "empty_author",
    "id_too_long",    "source_too_long",   "author_too_long", "text_too_long",      "bad_source",
    "bad_kind",       "bad_lang",          "bad_country",     "too_many_posts"};

constexpr std::string_view kCloseReasons[] = {"client", "overflow", "idle", "protocol", "server"};

const prometheus::Histogram::BucketBoundaries kLatencySeconds = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const prometheus::Histogram::BucketBoundaries kBlockPosts = {1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000};

prometheus::Counter& AddCounter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}
prometheus::Gauge& AddGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}
prometheus::Histogram& AddHistogram(prometheus::Registry& registry, const char* name, const char* help,
                                    const prometheus::Histogram::BucketBoundaries& bounds) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, bounds);
}

struct ProcessFigures {
  double resident_bytes = 0;
  double virtual_bytes = 0;
  double cpu_seconds = 0;
  double start_time_seconds = 0;
};

double BootTimeSeconds() {
  std::ifstream stat("/proc/stat");
  for (std::string word; stat >> word;) {
    if (word == "btime") {
      double seconds = 0;
      stat >> seconds;
      return seconds;
    }
  }
  return 0;
}

ProcessFigures ReadProcess() {
  ProcessFigures figures;
  std::ifstream stat("/proc/self/stat");
  std::string line;
  std::getline(stat, line);
  const std::size_t after_name = line.rfind(") ");  // the name may hold spaces and parentheses
  if (after_name == std::string::npos) return figures;
  std::istringstream words(line.substr(after_name + 2));
  std::vector<std::string> fields;
  for (std::string word; words >> word;) fields.push_back(word);
  if (fields.size() < 22) return figures;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  figures.cpu_seconds = (std::stod(fields[11]) + std::stod(fields[12])) / ticks;
  figures.start_time_seconds = BootTimeSeconds() + std::stod(fields[19]) / ticks;
  figures.virtual_bytes = std::stod(fields[20]);
  figures.resident_bytes = std::stod(fields[21]) * static_cast<double>(sysconf(_SC_PAGESIZE));
  return figures;
}

double OpenFiles() {
  std::error_code ignored;
  double count = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", ignored);
       it != std::filesystem::directory_iterator(); it.increment(ignored)) {
    ++count;
  }
  return count;
}

}  // namespace

namespace {

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
  void Set(const prometheus::Labels& labels, double value) {
    prometheus::Gauge& gauge = family_->Add(labels);
    gauge.Set(value);
    members_.insert(&gauge);
  }

 private:
  prometheus::Family<prometheus::Gauge>* family_ = nullptr;
  std::set<prometheus::Gauge*> members_;
};

// The two formats differ, for what we expose, in the names of counters' families, in one type's name and in the end.
std::string ToOpenMetrics(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ")) {
      const std::size_t name = line.find(' ', 2) + 1;
      const std::size_t end = line.find(' ', name);
      if (line.substr(name, end - name).ends_with("_total")) line.erase(end - 6, 6);
    }
    out.append(line).append(1, '\n');
  }
  return out.append("# EOF\n");
}

}  // namespace

struct Metrics::Members {
  std::vector<std::array<prometheus::Counter*, kStatusClasses>> requests;  // by route; the last is "none"
  prometheus::Histogram* request_seconds = nullptr;
  std::vector<std::pair<std::string_view, prometheus::Counter*>> rejected;
  prometheus::Counter* rejected_other = nullptr;
  std::array<prometheus::Counter*, 6> events = {};
  std::array<prometheus::Counter*, kLimitKinds> limited = {};
  std::vector<std::pair<std::string_view, prometheus::Counter*>> closed;
  LabelledGauges topic_posts;
  LabelledGauges topic_authors;
  LabelledGauges trend_rank;
  LabelledGauges trend_score;
  LabelledGauges trend_started;
  prometheus::Gauge* resident = nullptr;
  prometheus::Gauge* virtual_memory = nullptr;
  prometheus::Counter* cpu = nullptr;
  prometheus::Gauge* start_time = nullptr;
  prometheus::Gauge* open_files = nullptr;

  std::mutex mutex;  // one collection at a time
  std::function<BoardFigures()> boards;
  std::function<void()> refresh;

  void Register(prometheus::Registry& registry, const std::vector<std::string>& route_patterns);
  void Collect();
};

void Metrics::Members::Register(prometheus::Registry& registry, const std::vector<std::string>& route_patterns) {
  auto& requests_family = prometheus::BuildCounter()
                              .Name("tagswell_http_requests_total")
                              .Help("Requests answered, by route and class of status.")
                              .Register(registry);
  std::vector<std::string> labels = route_patterns;
  labels.emplace_back("none");
  for (const std::string& label : labels) {
    auto& row = requests.emplace_back();
    for (int i = 0; i < kStatusClasses; ++i) {
      row[static_cast<std::size_t>(i)] =
          &requests_family.Add({{"route", label}, {"code", std::to_string(i + 1) + "xx"}});
    }
  }
  request_seconds = &AddHistogram(registry, "tagswell_http_request_seconds",
                                  "From the end of a request's head to its answer.", kLatencySeconds);
  auto& rejected_family = prometheus::BuildCounter()
                              .Name("tagswell_posts_rejected_total")
                              .Help("Posts that were refused, by code.")
                              .Register(registry);
  for (const std::string_view code : kRejectCodes) {
    rejected.emplace_back(code, &rejected_family.Add({{"code", std::string(code)}}));
  }
  rejected_other = &rejected_family.Add({{"code", "other"}});
  auto& events_family =
      prometheus::BuildCounter().Name("tagswell_events_total").Help("Trend events, by type.").Register(registry);
  for (std::size_t i = 0; i < events.size(); ++i) {
    constexpr std::string_view kTypes[] = {"started", "rank", "milestone", "peaked", "ended", "retracted"};
    events[i] = &events_family.Add({{"type", std::string(kTypes[i])}});
  }
  auto& limited_family = prometheus::BuildCounter()
                             .Name("tagswell_rate_limited_total")
                             .Help("Requests and messages refused with rate_limited, by limit.")
                             .Register(registry);
  for (std::size_t i = 0; i < limited.size(); ++i) {
    limited[i] = &limited_family.Add({{"limit", std::string(Name(static_cast<LimitKind>(i)))}});
  }
  auto& closed_family = prometheus::BuildCounter()
                            .Name("tagswell_subscribers_closed_total")
                            .Help("Subscribers that left or were let go, by reason.")
                            .Register(registry);
  for (const std::string_view reason : kCloseReasons) {
    closed.emplace_back(reason, &closed_family.Add({{"reason", std::string(reason)}}));
  }
  topic_posts.Register(registry, "tagswell_topic_posts", "Posts of the last hour of the topics used most.");
  topic_authors.Register(registry, "tagswell_topic_authors", "Authors of the last hour of the topics used most.");
  trend_rank.Register(registry, "tagswell_trend_rank", "Rank of what trends, by scope.");
  trend_score.Register(registry, "tagswell_trend_score", "Score of what trends, by scope; 1 is the bar.");
  trend_started.Register(registry, "tagswell_trend_started_timestamp_seconds",
                         "When what trends began to, since the epoch in seconds of the stream.");
  prometheus::BuildGauge()
      .Name("tagswell_build_info")
      .Help("Always 1; the labels say what runs.")
      .Register(registry)
      .Add({{"version", TAGSWELL_VERSION}, {"compiler", __VERSION__}})
      .Set(1);
  resident = &AddGauge(registry, "process_resident_memory_bytes", "Resident memory size in bytes.");
  virtual_memory = &AddGauge(registry, "process_virtual_memory_bytes", "Virtual memory size in bytes.");
  cpu = &AddCounter(registry, "process_cpu_seconds_total", "User and system CPU time spent in seconds.");
  start_time =
      &AddGauge(registry, "process_start_time_seconds", "Start time of the process since the epoch in seconds.");
  open_files = &AddGauge(registry, "process_open_fds", "Open file descriptors.");
}

void Metrics::Members::Collect() {
  const ProcessFigures figures = ReadProcess();
  resident->Set(figures.resident_bytes);
  virtual_memory->Set(figures.virtual_bytes);
  cpu->Increment(std::max(0.0, figures.cpu_seconds - cpu->Value()));
  start_time->Set(figures.start_time_seconds);
  open_files->Set(OpenFiles());
  if (refresh) refresh();
  for (LabelledGauges* gauges : {&topic_posts, &topic_authors, &trend_rank, &trend_score, &trend_started}) {
    gauges->Clear();
  }
  if (!boards) return;
  const BoardFigures figures_now = boards();
  for (const TopicFigure& of : figures_now.topics) {
    topic_posts.Set({{"topic", of.topic}}, of.posts);
    topic_authors.Set({{"topic", of.topic}}, of.authors);
  }
  for (const TrendFigure& of : figures_now.trends) {
    const prometheus::Labels labels = {{"scope", of.scope}, {"topic", of.topic}};
    trend_rank.Set(labels, of.rank);
    trend_score.Set(labels, of.score);
    trend_started.Set(labels, of.started_at);
  }
}

Metrics::Metrics(const std::vector<std::string>& route_patterns)
    : posts_accepted(AddCounter(registry_, "tagswell_posts_accepted_total", "New posts that were stored.")),
      posts_duplicate(AddCounter(registry_, "tagswell_posts_duplicate_total", "Posts seen before, counted once.")),
      queue_posts(AddGauge(registry_, "tagswell_queue_posts", "Posts that wait to be committed.")),
      queue_bytes(AddGauge(registry_, "tagswell_queue_bytes", "Bytes that wait to be committed.")),
      commit_seconds(AddHistogram(registry_, "tagswell_commit_seconds", "One block into the log.", kLatencySeconds)),
      fsync_seconds(AddHistogram(registry_, "tagswell_fsync_seconds", "One sync of the log.", kLatencySeconds)),
      commit_posts(AddHistogram(registry_, "tagswell_commit_posts", "Posts in one block.", kBlockPosts)),
      engine_lag_posts(AddGauge(registry_, "tagswell_engine_lag_posts", "Posts accepted and not yet counted.")),
      topics_live(AddGauge(registry_, "tagswell_topics_live", "Topics that hold counters.")),
      memory_bytes(AddGauge(registry_, "tagswell_memory_bytes", "Memory that the engine holds.")),
      trends(AddGauge(registry_, "tagswell_trends", "Trends that run, in all scopes.")),
      watermark(AddGauge(registry_, "tagswell_watermark_timestamp_seconds",
                         "How far the stream is counted, since the epoch in seconds.")),
      subscribers(AddGauge(registry_, "tagswell_subscribers", "Open WebSockets and event streams.")),
      storage_bytes(AddGauge(registry_, "tagswell_storage_bytes", "Sorted files of the store on disk.")),
      storage_free_bytes(AddGauge(registry_, "tagswell_storage_free_bytes", "Free space of the store's file system.")),
      index_bytes(AddGauge(registry_, "tagswell_index_memory_bytes", "Memory of filters and young index.")),
      memtable_bytes(AddGauge(registry_, "tagswell_memtable_bytes", "Memory of what is not in sorted files yet.")),
      cache_bytes(AddGauge(registry_, "tagswell_block_cache_bytes", "Memory of the store's block cache.")),
      members_(std::make_unique<Members>()) {
  members_->Register(registry_, route_patterns);
}

Metrics::~Metrics() = default;

void Metrics::CountRejected(std::string_view code, double posts) {
  for (const auto& [name, counter] : members_->rejected) {
    if (name == code) return counter->Increment(posts);
  }
  members_->rejected_other->Increment(posts);
}

void Metrics::CountEvent(TrendEventType type) {
  members_->events.at(static_cast<std::size_t>(type))->Increment();
}

void Metrics::OnLimited(LimitKind kind) {
  members_->limited.at(static_cast<std::size_t>(kind))->Increment();
}

void Metrics::SetBoards(std::function<BoardFigures()> source) {
  const std::lock_guard lock(members_->mutex);
  members_->boards = std::move(source);
}

void Metrics::SetRefresh(std::function<void()> refresh) {
  const std::lock_guard lock(members_->mutex);
  members_->refresh = std::move(refresh);
}

std::string Metrics::Text(Exposition exposition) {
  const std::lock_guard lock(members_->mutex);
  members_->Collect();
  std::string text = prometheus::TextSerializer().Serialize(registry_.Collect());
  return exposition == Exposition::kText ? text : ToOpenMetrics(text);
}

void Metrics::OnRequest(std::size_t route, int status, double seconds) {
  const std::size_t row = std::min(route, members_->requests.size() - 1);
  const int status_class = std::clamp(status / 100, 1, kStatusClasses);
  members_->requests[row][static_cast<std::size_t>(status_class - 1)]->Increment();
  members_->request_seconds->Observe(seconds);
}

void Metrics::OnSubscriberOpened() {
  subscribers.Increment();
}

void Metrics::OnSubscriberClosed(std::string_view reason) {
  subscribers.Decrement();
  for (const auto& [name, counter] : members_->closed) {
    if (name == reason) counter->Increment();
  }
}

}  // namespace tagswell
