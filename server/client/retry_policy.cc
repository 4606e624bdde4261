#include "server/client/retry_policy.h"

#include <algorithm>
#include <charconv>

namespace tagswell {

std::optional<std::chrono::milliseconds> RetryPolicy::AfterFailure(Failure failure,
                                                                   std::chrono::milliseconds failing_for,
                                                                   std::optional<std::chrono::seconds> retry_after) {
  if (failure == Failure::kUnreachable && failing_for >= options_.give_up) return std::nullopt;
  const int doublings = std::min(failures_++, 20);
  auto backoff = std::min(options_.first * (1 << doublings), options_.longest);
  if (jitter_) backoff = std::chrono::floor<std::chrono::milliseconds>(backoff * jitter_());
  if (failure != Failure::kBusy || !retry_after) return backoff;
  const auto asked =
      std::clamp(std::chrono::milliseconds(*retry_after), options_.first, std::chrono::milliseconds(options_.obeyed));
  return jitter_ ? asked + backoff : asked;
}

std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view value) {
  long seconds = 0;
  const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (ec != std::errc() || end != value.data() + value.size() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::optional<std::chrono::seconds> UntilReset(std::string_view value, Timestamp now) {
  const auto at = ParseTimestamp(value);
  if (!at) return std::nullopt;
  return std::max(std::chrono::ceil<std::chrono::seconds>(*at - now), std::chrono::seconds(0));
}

}  // namespace tagswell
