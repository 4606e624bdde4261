// Time as the whole program speaks it: UTC, millisecond resolution, and whole minutes for buckets.
// Nothing here reads a clock; only server/ owns one.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "proto/error.h"

namespace tagswell {

using Duration = std::chrono::milliseconds;
using Timestamp = std::chrono::sys_time<Duration>;

// A whole minute since 1970-01-01T00:00Z. The bucket of every counter.
enum class Minute : std::int32_t {};

// The years a post may come from: 1970 to 2199. Everything inside fits a Minute.
inline constexpr Timestamp kTimestampMin{Duration{0}};
inline constexpr Timestamp kTimestampMax{Duration{7'258'118'400'000}};

constexpr Minute MinuteOf(Timestamp at) {
  return Minute{static_cast<std::int32_t>(std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count())};
}
constexpr Timestamp StartOf(Minute minute) {
  return Timestamp{std::chrono::minutes{static_cast<std::int32_t>(minute)}};
}
constexpr Minute operator+(Minute minute, int minutes) {
  return Minute{static_cast<std::int32_t>(minute) + minutes};
}
constexpr Minute operator-(Minute minute, int minutes) {
  return Minute{static_cast<std::int32_t>(minute) - minutes};
}
constexpr int operator-(Minute a, Minute b) {
  return static_cast<std::int32_t>(a) - static_cast<std::int32_t>(b);
}

// RFC 3339 with any offset and up to nine fraction digits (cut to milliseconds). A leap second becomes the second
// before it. Errors: bad_time (not RFC 3339), time_out_of_range (outside kTimestampMin..kTimestampMax).
std::expected<Timestamp, Error> ParseTimestamp(std::string_view text);

// "2017-10-15T20:21:45Z", with ".123" only when the milliseconds are not zero.
std::string FormatTimestamp(Timestamp at);
void AppendTimestamp(Timestamp at, std::string& out);

}  // namespace tagswell
