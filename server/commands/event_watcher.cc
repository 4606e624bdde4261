#include "server/commands/event_watcher.h"

#include <fmt/format.h>

#include <vector>

#include "server/commands/event_stream_parser.h"
#include "server/commands/retry_policy.h"

namespace tagswell {
namespace {

constexpr long kGone = 410;
// A server that was there once is waited for without end.
constexpr RetryOptions kPatient{.first = std::chrono::milliseconds(500),
                                .longest = std::chrono::seconds(15),
                                .give_up = std::chrono::hours(24 * 365)};

}  // namespace

EventWatcher::EventWatcher(HttpClient& client, const Interruption& interruption, std::string query,
                           std::optional<std::uint64_t> since)
    : client_(client), interruption_(interruption), query_(std::move(query)), since_(since) {}

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
  while (!interruption_.happened()) {
    std::vector<std::string> headers = {"Accept: text/event-stream"};
    if (!resume_from.empty()) headers.push_back("Last-Event-ID: " + resume_from);
    bool too_large = false;
    bool connected = false;
    const auto answer = client_.Stream(Target(resume_from.empty()), headers, [&](std::string_view bytes) {
      connected = true;
      retry.AfterSuccess();
      too_large = !parser.Feed(bytes, [&](const ServerSentEvent& event) { on_event(event.data); });
      return !too_large;
    });
    if (too_large) return std::unexpected(Error{"bad_stream", "the server sent an event of unreasonable size"});
    if (!answer && answer.error().code == "interrupted") return {};
    if (!answer && (answer.error().code != "unreachable" || !(connected_once || connected))) {
      return std::unexpected(answer.error());
    }
    const bool busy = answer && (answer->status == 429 || answer->status == 503);
    if (answer && answer->status == kGone && !resume_from.empty()) {
      on_notice("some events are gone from the server's log; going on from now");
      resume_from.clear();
      parser = EventStreamParser();
      continue;
    }
    if (answer && answer->status != 200 && !busy) return std::unexpected(Error{"refused", RefusalText(*answer)});
    connected_once = true;
    parser.Restart();
    resume_from = parser.last_id();
    if (connected) on_notice(fmt::format("lost the connection to {}; trying again", client_.url()));
    const auto wait = retry.AfterFailure(busy ? RetryPolicy::Failure::kBusy : RetryPolicy::Failure::kUnreachable, {},
                                         busy ? answer->retry_after : std::nullopt);
    interruption_.WaitFor(*wait);
  }
  return {};
}

}  // namespace tagswell
