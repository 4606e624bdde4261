#include "server/api/trend_rows.h"

namespace tagswell {

void WriteTrendRow(const TrendRow& row, JsonWriter& json, std::uint64_t taken_back) {
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
  if (taken_back > 0) json.Field("deleted_since", taken_back);
  json.EndObject();
}

}  // namespace tagswell
