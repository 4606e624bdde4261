#include "server/commands/event_watcher.h"

#include <fmt/format.h>

#include <vector>

#include "server/client/retry_policy.h"
#include "server/clock.h"

namespace tagswell {
namespace {

constexpr long kGone = 410;
constexpr std::chrono::seconds kLook{1};
constexpr double kSilentSecondsMax = 60;  // the server pings subscribers every 20 s
// A server that was there once is waited for without end.
constexpr RetryOptions kPatient{.first = std::chrono::milliseconds(500),
                                .longest = std::chrono::seconds(15),
                                .give_up = std::chrono::hours(24 * 365)};

}  // namespace

EventWatcher::EventWatcher(HttpStream& stream, const Interruption& interruption, std::string query,
                           std::optional<std::uint64_t> since)
    : stream_(stream), interruption_(interruption), query_(std::move(query)), since_(since) {}

// Once there is an event to resume from, its id says where, not the query.
std::string EventWatcher::Target(bool first) const {
  std::string target = "/v1/events";
  char separator = '?';
  if (!query_.empty()) {
    target += separator + query_;
    separator = '&';
  }
  if (first && since_) target += fmt::format("{}since={}", separator, *since_);
  return target;
}

std::expected<void, Error> EventWatcher::Run(const std::function<void(std::string_view)>& on_event,
                                             const std::function<void(const std::string&)>& on_notice) {
  EventStreamParser parser;
  RetryPolicy retry(kPatient);
  std::string resume_from;
  bool connected_once = false;
  bool watched_before = false;
  while (!interruption_.happened()) {
    std::vector<std::string> headers = {"Accept: text/event-stream"};
    if (!resume_from.empty()) headers.push_back("Last-Event-ID: " + resume_from);
    const auto answer = stream_.Open(Target(resume_from.empty()), std::move(headers));
    if (!answer && answer.error().code == "interrupted") return {};
    if (!answer && (answer.error().code != "unreachable" || !connected_once)) return std::unexpected(answer.error());
    const bool busy = answer && (answer->status == 429 || answer->status == 503);
    if (answer && answer->status == kGone && !resume_from.empty()) {
      on_notice("some events are gone from the server's log; going on from now");
      resume_from.clear();
      parser = EventStreamParser();
      continue;
    }
    if (answer && answer->status != 200 && !busy) return std::unexpected(Error{"refused", RefusalText(*answer)});
    connected_once = true;
    if (answer && answer->status == 200) {
      retry.AfterSuccess();
      on_notice(fmt::format("{} {}: events show as they come", watched_before ? "again watching" : "watching",
                            stream_.url()));
      watched_before = true;
      if (auto read = ReadEvents(parser, on_event); !read) return read;
      if (interruption_.happened()) return {};
      parser.Restart();
      resume_from = parser.last_id();
      on_notice(fmt::format("lost the connection to {}; trying again", stream_.url()));
    }
    const auto wait = retry.AfterFailure(busy ? RetryPolicy::Failure::kBusy : RetryPolicy::Failure::kUnreachable, {},
                                         busy ? answer->retry_after : std::nullopt);
    interruption_.WaitFor(*wait);
  }
  return {};
}

// Until the connection is lost or silent, or an interruption comes. Error: bad_stream.
std::expected<void, Error> EventWatcher::ReadEvents(EventStreamParser& parser,
                                                    const std::function<void(std::string_view)>& on_event) {
  Stopwatch silent;
  while (silent.Seconds() < kSilentSecondsMax) {
    const auto bytes = stream_.Read(kLook);
    if (!bytes) return {};
    if (bytes->empty()) continue;
    silent.Restart();
    if (!parser.Feed(*bytes, [&](const ServerSentEvent& event) { on_event(event.data); })) {
      return std::unexpected(Error{"bad_stream", "the server sent an event of unreasonable size"});
    }
  }
  return {};
}

}  // namespace tagswell
