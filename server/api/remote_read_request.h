// What Prometheus asks over remote-read (proto/prometheus_remote.proto), as questions to the history. Pure.
#pragma once

#include <cstddef>
#include <expected>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/time.h"
#include "server/api/label_matcher.h"
#include "storage/history.h"

namespace tagswell {

inline constexpr std::string_view kPostsMetric = "tagswell_topic_posts_total";
inline constexpr std::string_view kAuthorsMetric = "tagswell_topic_authors";

// One selector of one of our metrics. The series it asks for have a sample at each minute from `first` through `last`.
struct SeriesQuery {
  CurveOf what = CurveOf::kPosts;
  Minute first{0};
  Minute last{-1};                     // before `first`: nothing is asked that we could have
  std::vector<LabelMatcher> matchers;  // on topic and scope
  bool labels_only = false;            // the samples are not wanted
};

// Several selectors come as several requests, so few queries are enough for one.
inline constexpr std::size_t kReadQueriesMax = 10;

// In the order of the request. A query for a metric or a label that is not ours gets an answer too: nothing. Errors:
// malformed_protobuf, unsupported_response_type, too_many_queries, missing_metric (no equality on __name__: it would
// match all and everything), bad_matcher.
std::expected<std::vector<SeriesQuery>, Error> ParseReadRequest(std::string_view body);

}  // namespace tagswell
