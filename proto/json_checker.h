// Checks JSON that nobody reads: simdjson's On-Demand API looks only at what is asked for, and a post must be
// well-formed in the fields that we ignore, too.
#pragma once

#include <simdjson.h>

#include <cstddef>

namespace tagswell {

// Consumes `value` and all that is in it. False if any of it is malformed or nested deeper than `depth_left`
// containers. O(its length).
bool IsWellFormed(simdjson::ondemand::value value, std::size_t depth_left);

// The same for members or elements from here to the end.
bool IsWellFormed(simdjson::ondemand::object object, std::size_t depth_left);
bool IsWellFormed(simdjson::ondemand::array array, std::size_t depth_left);

}  // namespace tagswell
