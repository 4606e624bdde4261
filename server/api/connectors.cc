#include "server/api/connectors.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <random>
#include <thread>
#include <utility>

#include "server/api/ingest_sink.h"
#include "server/connect/connector.h"
#include "server/connect/cursor_file.h"
#include "server/connect/platforms.h"
#include "server/logging.h"
#include "server/thread_role.h"

namespace tagswell {
namespace {

double Seconds(Timestamp time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

// A folder, on the disk with its name.
std::expected<void, Error> MakeFolder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return std::unexpected(Error{"unwritable_cursor", folder.string() + " cannot be made: " + error.message()});
  const int above = open(folder.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = above >= 0 && fsync(above) == 0;
  if (above >= 0) close(above);
  if (!synced) return std::unexpected(Error{"unwritable_cursor", folder.string() + " cannot be synced"});
  return {};
}

}  // namespace

// One platform: what is told of it, and its thread.
class Connectors::Host final : public ConnectorObserver {
 public:
  Host(const ConnectSettings& settings, ConnectorMetrics& metrics) : settings_(settings), metrics_(metrics) {}
  ~Host() override {
    if (thread_.joinable()) thread_.join();
  }

  std::expected<void, Error> MakeStream(const Clock& clock, const Interruption& interruption) {
    auto stream = MakePlatformStream(settings_, clock, interruption, [this](const StreamGap& gap) { TellGap(gap); });
    if (!stream) return std::unexpected(stream.error());
    stream_ = std::move(*stream);
    return {};
  }

  const std::string& name() const { return settings_.name; }

  std::expected<void, Error> OpenCursor(const std::filesystem::path& folder) {
    auto opened = CursorFile::Open((folder / (settings_.name + ".json")).string(), CursorOwner(settings_));
    if (!opened) return std::unexpected(opened.error());
    cursor_.emplace(std::move(*opened));
    return {};
  }

  // `on_end` is called on the thread when the connector is over.
  void Start(ApiContext& api, Pipeline& pipeline, const Interruption& interruption, std::function<void()> on_end) {
    thread_ = std::thread([this, &api, &pipeline, &interruption, on_end = std::move(on_end)] {
      TakeRole("connect", Urgency::kAnswering);
      Follow(api, pipeline, interruption);
      on_end();
    });
  }

  void OnConnected(const std::optional<StreamPosition>& from) override {
    metrics_.connected.Set(1);
    Log(LogLevel::kInfo, "a platform is connected",
        {{"connector", settings_.name}, {"from", from ? FormatTimestamp(from->time) : "now"}});
  }

  void OnFault(const StreamFault& fault, std::chrono::milliseconds wait) override {
    metrics_.connected.Set(0);
    metrics_.CountFault(fault.is_busy ? "busy" : fault.error.code);
    Log(LogLevel::kWarn, "a platform is not connected",
        {{"connector", settings_.name},
         {"code", fault.error.code},
         {"detail", fault.error.detail},
         {"again_in_seconds", std::chrono::duration<double>(wait).count()}});
  }

  void OnUnsaved(const Error& error) override {
    metrics_.CountFault("unsaved");
    Log(LogLevel::kError, "the cursor of a platform cannot be saved",
        {{"connector", settings_.name}, {"detail", error.detail}});
  }

  void OnProgress(const ConnectorProgress& progress) override {
    metrics_.messages.Increment(static_cast<double>(progress.messages - std::exchange(messages_, progress.messages)));
    if (progress.position) metrics_.position.Set(Seconds(progress.position->time));
  }

 private:
  void TellGap(const StreamGap& gap) {
    metrics_.gaps.Increment();
    Log(LogLevel::kWarn, "a gap in what a platform sent",
        {{"connector", settings_.name},
         {"from", FormatTimestamp(gap.from)},
         {"to", FormatTimestamp(gap.to)},
         {"detail", gap.what}});
  }

  void Follow(ApiContext& api, Pipeline& pipeline, const Interruption& interruption) {
    std::minstd_rand generator(std::random_device{}());
    const Random jitter = [&generator] { return std::uniform_real_distribution<double>()(generator); };
    IngestSink sink(settings_.name, api, pipeline, metrics_, interruption);
    const LineSink take = [&sink](std::string_view lines, PostFormat format) { return sink.Take(lines, format); };
    Connector connector(*stream_, take, &*cursor_, *this, interruption, jitter, {.gives_up = false});
    if (const auto ended = connector.Run(); !ended)
      Log(LogLevel::kError, "a platform is followed no longer",
          {{"connector", settings_.name}, {"code", ended.error().code}, {"detail", ended.error().detail}});
    metrics_.connected.Set(0);
  }

  const ConnectSettings& settings_;
  ConnectorMetrics& metrics_;
  std::unique_ptr<PlatformStream> stream_;
  std::optional<CursorFile> cursor_;
  std::uint64_t messages_ = 0;  // counted so far
  std::thread thread_;
};

std::expected<std::unique_ptr<Connectors>, Error> Connectors::Create(ApiContext& api, Metrics& metrics) {
  std::unique_ptr<Connectors> all(new Connectors(api));
  const std::string label = api.stream() == kDefaultStream ? "" : api.stream();
  for (const ConnectSettings& settings : api.config().connects) {
    if (settings.stream != api.stream()) continue;
    auto host = std::make_unique<Host>(settings, metrics.AddConnector(label, settings.name));
    if (auto made = host->MakeStream(api.clock(), all->interruption_); !made) {
      const std::string key = "connect." + made.error().field;
      return std::unexpected(Error{"bad_config", key + " of '" + settings.name + "': " + made.error().detail, key});
    }
    all->hosts_.push_back(std::move(host));
  }
  return all;
}

Connectors::Connectors(ApiContext& api) : api_(api) {}

Connectors::~Connectors() {
  Interrupt();
}

std::expected<void, Error> Connectors::Start(Pipeline& pipeline) {
  if (hosts_.empty()) return {};
  const auto folder = std::filesystem::absolute(api_.config().data_dir) / kFolder;
  if (auto made = MakeFolder(folder); !made) return made;
  for (const auto& host : hosts_) {
    if (auto opened = host->OpenCursor(folder); !opened) {
      const Error& error = opened.error();
      return std::unexpected(
          Error{error.code, "connect.name of '" + host->name() + "': " + error.detail, "connect.name"});
    }
  }
  {
    const std::lock_guard lock(mutex_);
    running_ = hosts_.size();
  }
  for (const auto& host : hosts_) {
    host->Start(api_, pipeline, interruption_, [this] {
      const std::lock_guard lock(mutex_);
      --running_;
      ended_.notify_all();
    });
  }
  return {};
}

bool Connectors::WaitForEnd(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, at_most, [this] { return running_ == 0; });
}

}  // namespace tagswell
