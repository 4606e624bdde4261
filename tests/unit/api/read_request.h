// Remote-read requests as tests write them.
#pragma once

#include <string>
#include <vector>

#include "proto/prometheus_remote.pb.h"
#include "proto/time.h"

namespace tagswell {

struct Condition {
  std::string label;
  prometheus::LabelMatcher::Type type;
  std::string value;
};

inline void AddQuery(std::int64_t start_ms, std::int64_t end_ms, const std::vector<Condition>& conditions,
                     prometheus::ReadRequest& request) {
  prometheus::Query& query = *request.add_queries();
  query.set_start_timestamp_ms(start_ms);
  query.set_end_timestamp_ms(end_ms);
  for (const Condition& condition : conditions) {
    prometheus::LabelMatcher& matcher = *query.add_matchers();
    matcher.set_type(condition.type);
    matcher.set_name(condition.label);
    matcher.set_value(condition.value);
  }
}

inline std::int64_t MsOf(Minute minute) {
  return StartOf(minute).time_since_epoch().count();
}

}  // namespace tagswell
