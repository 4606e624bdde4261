// The history of topics as Prometheus' series: which topics a selector means, and their samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "proto/alias_groups.h"
#include "proto/error.h"
#include "proto/time.h"
#include "server/api/remote_read_request.h"
#include "storage/history.h"

namespace tagswell {

// What one request may cost. It is answered whole, so this bounds memory (about 90 bytes a sample while it is built)
// and how long others wait.
struct ReadLimits {
  std::size_t samples_max = 2'000'000;  // almost four years of one topic, a fortnight of a hundred
  // Where topics are not asked for by name, the most used: as many as the samples allow, within these.
  std::size_t topics_min = 100;
  std::size_t topics_max = 1000;
  std::size_t scopes_max = 20;
  std::uint64_t rows_max = 10'000'000;  // of the history, for a query and scope: one to two seconds of reading
};

// What there is to ask for. Samples end with `end`, the end of the newest minute.
struct HistoryExtent {
  Minute end{0};
  std::vector<std::string> scopes;                                                    // those that a pattern can find
  std::shared_ptr<const AliasGroups> groups = std::make_shared<const AliasGroups>();  // that the history holds
};

struct TopicSeries {
  CurveOf what = CurveOf::kPosts;
  std::string topic;
  std::string scope;
  Minute first{0};
  std::vector<double> values;  // at first, first + 1, …
};

// The series of `query` by scope and topic. Posts are a counter that starts with 0 at the first sample. A topic without
// a post in the range has no series. Without a matcher on scope: world. What was found is taken off
// `limits.samples_max`. Errors: too_many_samples, too_many_scopes, too_much_history, those of History.
std::expected<std::vector<TopicSeries>, Error> ReadSeries(const History& history, const HistoryExtent& extent,
                                                          SeriesQuery query, const ReadLimits& limits,
                                                          std::size_t& samples);

}  // namespace tagswell
