// Rows of GET /v1/trends: what trends now, or trended at an instant.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/json_writer.h"
#include "storage/event_log.h"
#include "trend/engine.h"

namespace tagswell {

void WriteTrendRow(const TrendRow& row, JsonWriter& json);

// The trends that ran in `scope` at `at`, as their events told: by the rank they were last told with.
// O(events up to `at`).
std::expected<std::vector<TrendRow>, Error> TrendsAt(const EventLog& events, std::string_view scope, Timestamp at);

}  // namespace tagswell
