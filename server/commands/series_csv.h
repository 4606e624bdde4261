// The lines of a count series: "timestamp,value".
#pragma once

#include <expected>
#include <string_view>

#include "proto/error.h"
#include "proto/time.h"

namespace tagswell {

struct SeriesLine {
  Timestamp at;
  double value = 0;
  std::string_view at_text;  // as they were written
  std::string_view value_text;
};

// One line without its end. Times are RFC 3339 or "2015-02-26 21:42:53", then UTC; fields may be quoted.
// Errors: bad_line, bad_time, bad_value.
std::expected<SeriesLine, Error> ParseSeriesLine(std::string_view line);

}  // namespace tagswell
