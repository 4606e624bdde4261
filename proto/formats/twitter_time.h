// The times of Twitter's v1 API: "Wed Oct 10 20:19:24 +0000 2018".
#pragma once

#include <optional>
#include <string_view>

#include "proto/time.h"

namespace tagswell {

// Nothing where `text` is no such time, or out of kTimestampMin..kTimestampMax. The day of the week is not looked at.
std::optional<Timestamp> ParseTwitterTime(std::string_view text);

}  // namespace tagswell
