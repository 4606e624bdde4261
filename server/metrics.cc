#include "server/metrics.h"

#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>

#include "server/metric_families.h"

namespace tagswell {
namespace {

constexpr int kStatusClasses = 5;

constexpr std::string_view kCloseReasons[] = {"client", "overflow", "idle", "protocol", "server"};

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
  std::array<prometheus::Counter*, kLimitKinds> limited = {};
  std::vector<std::pair<std::string_view, prometheus::Counter*>> closed;
  prometheus::Gauge* resident = nullptr;
  prometheus::Gauge* virtual_memory = nullptr;
  prometheus::Counter* cpu = nullptr;
  prometheus::Gauge* start_time = nullptr;
  prometheus::Gauge* open_files = nullptr;

  std::mutex mutex;  // one collection at a time
  std::vector<std::unique_ptr<StreamMetrics>> streams;
  std::vector<std::unique_ptr<ConnectorMetrics>> connectors;

  void Register(prometheus::Registry& registry);
  void RegisterRoutes(prometheus::Registry& registry, const std::vector<std::string>& route_patterns);
  void Collect();
};

void Metrics::Members::RegisterRoutes(prometheus::Registry& registry, const std::vector<std::string>& route_patterns) {
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
}

void Metrics::Members::Register(prometheus::Registry& registry) {
  request_seconds = &AddHistogram(registry, "tagswell_http_request_seconds",
                                  "From the end of a request's head to its answer.", kLatencySeconds);
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
  for (const auto& stream : streams) stream->Collect();
}

Metrics::Metrics()
    : subscribers(AddGauge(registry_, "tagswell_subscribers", "Open WebSockets and event streams.")),
      members_(std::make_unique<Members>()) {
  members_->Register(registry_);
  CountRoutes({});
}

Metrics::~Metrics() = default;

void Metrics::CountRoutes(const std::vector<std::string>& route_patterns) {
  members_->requests.clear();
  members_->RegisterRoutes(registry_, route_patterns);
}

StreamMetrics& Metrics::AddStream(const std::string& name) {
  const std::lock_guard lock(members_->mutex);
  return *members_->streams.emplace_back(std::make_unique<StreamMetrics>(registry_, name));
}

ConnectorMetrics& Metrics::AddConnector(const std::string& stream, const std::string& connector) {
  const std::lock_guard lock(members_->mutex);
  return *members_->connectors.emplace_back(std::make_unique<ConnectorMetrics>(registry_, stream, connector));
}

void Metrics::OnLimited(LimitKind kind) {
  members_->limited.at(static_cast<std::size_t>(kind))->Increment();
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
