// What the event log tells of one topic: its trends so far.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/trend_event.h"
#include "storage/event_log.h"

namespace tagswell {

// One trend, from start to end.
struct PastTrend {
  std::string scope;
  Timestamp started_at;
  std::optional<Timestamp> first_at = {};  // when it first stood at rank 1
  std::optional<Timestamp> ended_at = {};  // absent: it runs
  bool retracted = false;
  double peak_score = 0;
  std::uint64_t peak_authors_1h = 0;
};

struct TopicEvents {
  std::vector<PastTrend> trends;  // by start, then scope
};

// Errors: corrupt_event, storage_failed. O(log n + events of the topic).
std::expected<TopicEvents, Error> EventsOfTopic(const EventLog& log, std::string_view topic);

}  // namespace tagswell
