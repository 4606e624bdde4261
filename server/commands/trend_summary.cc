#include "server/commands/trend_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "server/commands/event_line.h"
#include "server/commands/text_table.h"
#include "server/plain_words.h"

namespace tagswell {
namespace {

constexpr std::string_view kWorld = "world";

}  // namespace

void TrendSummary::Add(const TrendEvent& event) {
  if (event.type == TrendEventType::kRetracted) {
    episodes_.erase(event.trend);
    return;
  }
  Episode& episode = episodes_[event.trend];
  if (episode.topic.empty()) {
    episode.topic = event.topic;
    episode.scope = event.scope;
    episode.started_at = event.started_at;
  }
  episode.shown = ShownTopic(event);
  episode.peak_authors = std::max(episode.peak_authors, event.observed_authors);
  if (event.type == TrendEventType::kEnded) episode.ended_at = event.time;
}

std::vector<const TrendSummary::Episode*> TrendSummary::Rows() const {
  std::vector<const Episode*> rows;
  std::map<std::string_view, const Episode*> elsewhere;  // the largest of each topic
  std::set<std::string_view> worldwide;
  for (const auto& [trend, episode] : episodes_) {
    if (episode.scope == kWorld) {
      worldwide.insert(episode.topic);
      rows.push_back(&episode);
    } else if (const Episode*& largest = elsewhere[episode.topic];
               largest == nullptr || largest->peak_authors < episode.peak_authors) {
      largest = &episode;
    }
  }
  for (const auto& [topic, episode] : elsewhere) {
    if (!worldwide.contains(topic)) rows.push_back(episode);
  }
  return rows;
}

std::string TrendSummary::Text() const {
  std::vector<const Episode*> rows = Rows();
  if (rows.empty()) return {};
  const std::size_t total = rows.size();
  std::ranges::sort(rows, std::ranges::greater(),
                    [](const Episode* of) { return std::tie(of->peak_authors, of->topic, of->scope, of->started_at); });
  rows.resize(std::min(total, kRowsMax));
  std::ranges::sort(rows, {}, [](const Episode* of) { return std::tie(of->started_at, of->topic, of->scope); });

  TextTable table({{"Started (UTC)"}, {"Topic"}, {"Where"}, {"People", true}, {"Lasted"}});
  for (const Episode* row : rows) {
    table.AddRow({DayText(row->started_at) + " " + MinuteText(row->started_at), row->shown, row->scope,
                  Grouped(row->peak_authors),
                  row->ended_at ? SpanText(*row->ended_at - row->started_at) : "still trending"});
  }
  std::string text = table.Text();
  if (total > rows.size()) text += fmt::format("and {} smaller ones\n", Grouped(total - rows.size()));
  return text;
}

}  // namespace tagswell
