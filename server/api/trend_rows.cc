#include "server/api/trend_rows.h"

#include <algorithm>
#include <map>
#include <utility>

namespace tagswell {

void WriteTrendRow(const TrendRow& row, JsonWriter& json) {
  const TrendEvent& state = row.state;
  json.BeginObject();
  json.Field("rank", state.rank);
  json.Field("topic", state.topic);
  json.Field("display", state.display);
  json.Field("scope", state.scope);
  json.Field("trend", state.trend);
  WriteMeasures(state, json);
  json.Key("peak");
  json.BeginObject();
  json.Field("at", row.peak_at);
  json.Field("authors", row.peak_authors_1h);
  json.EndObject();
  if (row.first_since) {
    json.Field("first_since", *row.first_since);
  } else {
    json.NullField("first_since");
  }
  WriteExplanation(state.why, json);
  json.EndObject();
}

std::expected<std::vector<TrendRow>, Error> TrendsAt(const EventLog& events, std::string_view scope, Timestamp at) {
  constexpr std::size_t kPage = 1024;
  const auto last = events.SeqAt(at);
  if (!last) return std::unexpected(last.error());
  std::map<std::string, TrendRow> running;  // by trend
  for (std::uint64_t seq = events.OldestSeq() == 0 ? 0 : events.OldestSeq() - 1; seq < *last;) {
    auto page = events.Read(seq, kPage);
    if (!page) return std::unexpected(page.error());
    if (page->empty()) break;
    for (TrendEvent& event : *page) {
      if (event.seq > *last) break;
      if (event.scope != scope) continue;
      if (event.type == TrendEventType::kEnded || event.type == TrendEventType::kRetracted) {
        running.erase(event.trend);
        continue;
      }
      TrendRow& row = running[event.trend];
      const auto authors = static_cast<double>(event.observed_authors);
      if (authors >= row.peak_authors_1h) {
        row.peak_authors_1h = authors;
        row.peak_at = event.time;
      }
      if (event.rank != 1) row.first_since.reset();
      if (event.rank == 1 && !row.first_since) row.first_since = event.time;
      row.state = std::move(event);
    }
    seq += page->size();
  }
  std::vector<TrendRow> rows;
  for (auto& [trend, row] : running) rows.push_back(std::move(row));
  // Between two events ranks shift silently: what was told orders them, and ties go to the higher score.
  std::sort(rows.begin(), rows.end(), [](const TrendRow& a, const TrendRow& b) {
    return std::tuple(a.state.rank, -a.state.score, a.state.topic) <
           std::tuple(b.state.rank, -b.state.score, b.state.topic);
  });
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].state.rank = static_cast<std::uint32_t>(i + 1);
  return rows;
}

}  // namespace tagswell
