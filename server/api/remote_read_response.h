// The answer to a remote-read request: prometheus.ReadResponse as one snappy block.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "server/api/remote_read_series.h"

namespace tagswell {

// One result for each query, in order. O(samples).
std::string EncodeReadResponse(std::span<const std::vector<TopicSeries>> results);

}  // namespace tagswell
