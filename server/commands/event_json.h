// A trend event out of the JSON that servers send: the inverse of EventToJson.
#pragma once

#include <expected>
#include <string_view>

#include "proto/error.h"
#include "proto/trend_event.h"

namespace tagswell {

// Fields that are missing or null keep their defaults; type, time, topic and scope must be there. The explanation is
// not read. Errors: malformed_json, bad_event.
std::expected<TrendEvent, Error> EventFromJson(std::string_view json);

}  // namespace tagswell
