#include "server/api/topic_events.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>

namespace tagswell {
namespace {

constexpr std::size_t kEventsPage = 1'000;

void Take(const TrendEvent& event, PastTrend& trend) {
  if (event.rank == 1 && !trend.first_at) trend.first_at = event.time;
  trend.peak_score = std::max(trend.peak_score, event.score);
  trend.peak_authors_1h = std::max(trend.peak_authors_1h, event.observed_authors);
  trend.retracted |= event.type == TrendEventType::kRetracted;
  // One that comes back within a day is the same one, resumed.
  const bool ends = event.type == TrendEventType::kEnded || event.type == TrendEventType::kRetracted;
  trend.ended_at = ends ? std::optional(event.time) : std::nullopt;
}

}  // namespace

std::expected<TopicEvents, Error> EventsOfTopic(const EventLog& log, std::string_view topic) {
  TopicEvents found;
  std::map<std::string, PastTrend> trends;  // by name
  const std::string name(topic);
  std::uint64_t since = log.OldestSeq() == 0 ? 0 : log.OldestSeq() - 1;
  while (true) {
    auto page = log.ReadChosen({.topics = std::span(&name, 1)}, since, kEventsPage);
    if (!page) return std::unexpected(page.error());
    if (page->empty()) break;
    since = page->back().seq;
    for (const TrendEvent& event : *page) {
      if (event.type != TrendEventType::kMilestone)
        Take(event, trends.try_emplace(event.trend, PastTrend{event.scope, event.started_at}).first->second);
    }
  }
  for (auto& [id, trend] : trends) found.trends.push_back(std::move(trend));
  std::ranges::sort(found.trends, {}, [](const PastTrend& trend) { return std::pair(trend.started_at, trend.scope); });
  return found;
}

}  // namespace tagswell
