#include "server/api/ingest_sink.h"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "server/connect/line_halves.h"
#include "server/logging.h"

namespace tagswell {
namespace {

constexpr std::chrono::milliseconds kLook{200};          // for an interruption, while a commit is waited for
constexpr double kCommitSecondsAfterInterruption = 1.5;  // then it is for the next start to find out
constexpr RetryOptions kRetry{.first = std::chrono::milliseconds(20), .longest = std::chrono::seconds(2)};

// A commit's answer, whoever goes first: the writer's thread or who waits for it.
struct Answer {
  std::mutex mutex;
  std::condition_variable came;
  std::optional<std::expected<Committed, Error>> done;
};

}  // namespace

IngestSink::IngestSink(std::string name, ApiContext& api, Pipeline& pipeline, ConnectorMetrics& metrics,
                       const Interruption& interruption)
    : name_(std::move(name)),
      api_(api),
      pipeline_(pipeline),
      metrics_(metrics),
      interruption_(interruption),
      retry_(kRetry) {}

std::expected<void, Error> IngestSink::Take(std::string_view lines, PostFormat format) {
  while (true) {
    asked_ = {};
    const auto taken = TakeOnce(lines, format);
    if (taken) {
      retry_.AfterSuccess();
      metrics_.waiting.Set(0);
      if (!std::exchange(waits_for_, "").empty())
        Log(LogLevel::kInfo, "posts of a platform are taken again", {{"connector", name_}});
      return taken;
    }
    const Error& error = taken.error();
    if (interruption_.happened()) return std::unexpected(Error{"interrupted", "interrupted"});
    metrics_.waiting.Set(1);
    if (std::exchange(waits_for_, error.code) != error.code)
      Log(LogLevel::kWarn, "posts of a platform wait",
          {{"connector", name_}, {"code", error.code}, {"detail", error.detail}});
    const auto asked = asked_.count() > 0 ? std::optional(asked_) : std::nullopt;
    if (interruption_.WaitFor(*retry_.AfterFailure(RetryPolicy::Failure::kBusy, {}, asked)))
      return std::unexpected(Error{"interrupted", "interrupted"});
  }
}

std::expected<void, Error> IngestSink::TakeOnce(std::string_view lines, PostFormat format) {
  const Payer nobody;  // no token and no address of its own: the limit of the stream is the one it has
  if (const auto hit = api_.LimitOfPosts(nobody)) {
    asked_ = std::chrono::ceil<std::chrono::seconds>(hit->wait);
    return std::unexpected(LimitError(*hit));
  }
  auto let_in = pipeline_.LetIn(lines.size());
  if (!let_in) return std::unexpected(let_in.error());
  auto parsed = api_.ReadPosts(format, BodyShape::kNdjson, lines, nobody);
  if (!parsed) return TakeHalves(lines, format, parsed.error());
  pipeline_.LearnBody(lines.size(), parsed->batch.steps());
  IngestReport report = IngestReport::Of(*parsed);
  const auto committed = Commit(std::move(parsed->batch), std::move(*let_in));
  if (!committed) return std::unexpected(committed.error());
  // The cursor is on the disk as soon as it moves: what it stands for has to be there before.
  if (api_.config().fsync != FsyncPolicy::kAlways) {
    if (auto synced = pipeline_.store().log().Sync(); !synced) return synced;
  }
  report.Add(*committed);
  Tell(report);
  return {};
}

// More posts than a body may hold. The halves wait for their turn by themselves.
std::expected<void, Error> IngestSink::TakeHalves(std::string_view lines, PostFormat format, const Error& too_large) {
  const auto halves = HalvesOf(lines);
  if (!halves) {
    Log(LogLevel::kWarn, "a message of a platform is left out", {{"connector", name_}, {"detail", too_large.detail}});
    metrics_.posts_rejected.Increment();
    return {};
  }
  if (auto taken = Take(halves->front, format); !taken) return taken;
  return Take(halves->back, format);
}

std::expected<Committed, Error> IngestSink::Commit(PostBatch batch, std::shared_ptr<const void> let_in) {
  const auto answer = std::make_shared<Answer>();
  pipeline_.Submit(std::move(batch), [answer](std::expected<Committed, Error> done) {
    const std::lock_guard lock(answer->mutex);
    answer->done = std::move(done);
    answer->came.notify_one();
  });
  let_in.reset();
  std::optional<Stopwatch> interrupted;
  std::unique_lock lock(answer->mutex);
  while (!answer->came.wait_for(lock, kLook, [&] { return answer->done.has_value(); })) {
    if (!interruption_.happened()) continue;
    if (!interrupted) interrupted.emplace();
    if (interrupted->Seconds() > kCommitSecondsAfterInterruption)
      return std::unexpected(Error{"interrupted", "interrupted"});
  }
  return std::move(*answer->done);
}

void IngestSink::Tell(const IngestReport& report) {
  metrics_.posts_accepted.Increment(static_cast<double>(report.accepted));
  metrics_.posts_duplicate.Increment(static_cast<double>(report.duplicates));
  metrics_.posts_retracted.Increment(static_cast<double>(report.retracted));
  metrics_.posts_ignored.Increment(static_cast<double>(report.ignored));
  metrics_.posts_rejected.Increment(static_cast<double>(report.rejected));
}

}  // namespace tagswell
