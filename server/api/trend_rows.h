// Rows of GET /v1/trends: what trends now, or trended at an instant.
#pragma once

#include <cstdint>

#include "proto/json_writer.h"
#include "proto/trend_event.h"

namespace tagswell {

// `taken_back`: how many of the posts that a row of the past counted are gone by now.
void WriteTrendRow(const TrendRow& row, JsonWriter& json, std::uint64_t taken_back = 0);

}  // namespace tagswell
