#include "server/api/remote_read_request.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "proto/prometheus_remote.pb.h"

namespace tagswell {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

std::unexpected<Error> Bad(const char* code, std::string detail, const char* field = "") {
  return std::unexpected(Error{code, std::move(detail), field});
}

LabelMatcher::Type TypeOf(prometheus::LabelMatcher::Type type) {
  switch (type) {
    case prometheus::LabelMatcher::NEQ:
      return LabelMatcher::Type::kNotEqual;
    case prometheus::LabelMatcher::RE:
      return LabelMatcher::Type::kMatches;
    case prometheus::LabelMatcher::NRE:
      return LabelMatcher::Type::kMatchesNot;
    default:
      return LabelMatcher::Type::kEqual;
  }
}

bool WantsSamples(const prometheus::ReadRequest& request) {
  const auto& types = request.accepted_response_types();
  return types.empty() || std::ranges::find(types, prometheus::ReadRequest::SAMPLES) != types.end();
}

// The whole minutes of [start, end], cut to what times there are. The first is the one that `start` lies in: a counter
// that began within the range would lack the posts before its first sample.
void SetMinutes(std::int64_t start_ms, std::int64_t end_ms, SeriesQuery& query) {
  constexpr std::int64_t kMaxMs = kTimestampMax.time_since_epoch().count();
  start_ms = std::max<std::int64_t>(start_ms, 0);
  end_ms = std::min(end_ms, kMaxMs);
  if (end_ms < start_ms) return;
  query.first = Minute{static_cast<std::int32_t>(start_ms / kMinuteMs)};
  query.last = Minute{static_cast<std::int32_t>(end_ms / kMinuteMs)};
}

std::expected<SeriesQuery, Error> Understand(const prometheus::Query& asked) {
  SeriesQuery query;
  std::optional<std::string> metric;
  bool ours = true;
  for (const prometheus::LabelMatcher& of : asked.matchers()) {
    auto matcher = LabelMatcher::Create(TypeOf(of.type()), of.name(), of.value());
    if (!matcher) return std::unexpected(matcher.error());
    const std::string& label = matcher->label();
    if (label == "__name__" && matcher->type() == LabelMatcher::Type::kEqual) metric = matcher->value();
    if (label != "__name__" && label != "topic" && label != "scope") ours = ours && matcher->Matches("");
    query.matchers.push_back(std::move(*matcher));
  }
  if (!metric) {
    return Bad(
        "missing_metric",
        "A selector must name its metric: " + std::string(kPostsMetric) + " or " + std::string(kAuthorsMetric) + ".",
        "__name__");
  }
  ours =
      ours && (*metric == kPostsMetric || *metric == kAuthorsMetric) && AllMatch(query.matchers, "__name__", *metric);
  query.what = *metric == kAuthorsMetric ? CurveOf::kAuthorsOfHour : CurveOf::kPosts;
  query.labels_only = asked.hints().func() == "series";
  if (ours) SetMinutes(asked.start_timestamp_ms(), asked.end_timestamp_ms(), query);
  return query;
}

}  // namespace

std::expected<std::vector<SeriesQuery>, Error> ParseReadRequest(std::string_view body) {
  prometheus::ReadRequest request;
  if (body.size() > std::numeric_limits<int>::max() ||
      !request.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return Bad("malformed_protobuf",
               "The body is no prometheus.ReadRequest. Compressed, it needs Content-Encoding: snappy.");
  }
  if (!WantsSamples(request)) {
    return Bad("unsupported_response_type", "Only SAMPLES are answered.", "accepted_response_types");
  }
  if (std::cmp_greater(request.queries_size(), kReadQueriesMax)) {
    return Bad("too_many_queries", "A request may have " + std::to_string(kReadQueriesMax) + " queries.", "queries");
  }
  std::vector<SeriesQuery> queries;
  for (const prometheus::Query& asked : request.queries()) {
    auto query = Understand(asked);
    if (!query) return std::unexpected(query.error());
    queries.push_back(std::move(*query));
  }
  return queries;
}

}  // namespace tagswell
