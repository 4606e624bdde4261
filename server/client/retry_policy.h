// When to try a request again. It knows no clock: the caller says how long things have gone wrong, and waits.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "proto/time.h"

namespace tagswell {

struct RetryOptions {
  std::chrono::milliseconds first{100};  // the wait after the first failure; it doubles
  std::chrono::milliseconds longest{5'000};
  std::chrono::milliseconds give_up{10'000};  // a server that cannot be reached for so long is not there
  std::chrono::seconds obeyed{60};            // of what a server asks for
};

// A number in [0, 1), another one each time.
using Random = std::function<double()>;

class RetryPolicy {
 public:
  enum class Failure {
    kUnreachable,  // refused, reset, timed out: gives up
    kBusy,         // 429 or 503: the server lives and said so; never gives up
  };

  // With `jitter` the wait is a random part of the time, from nothing to all of it, so that many clients that lost one
  // server do not come back at once; on top of what the server asked for.
  explicit RetryPolicy(RetryOptions options = {}, Random jitter = {}) : options_(options), jitter_(std::move(jitter)) {}

  // How long to wait before the next try; nothing: give up. `failing_for`: since the first failure after the last
  // success. `retry_after`: what the server asked for, obeyed up to a bound.
  std::optional<std::chrono::milliseconds> AfterFailure(Failure failure, std::chrono::milliseconds failing_for,
                                                        std::optional<std::chrono::seconds> retry_after = {});
  void AfterSuccess() { failures_ = 0; }

 private:
  const RetryOptions options_;
  const Random jitter_;
  int failures_ = 0;
};

// The value of a Retry-After header when it is in seconds; nothing for a date or anything else.
std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view value);

// How long a rate limit that is reset at the instant `value` (RFC 3339) holds on; nothing when it is no time.
std::optional<std::chrono::seconds> UntilReset(std::string_view value, Timestamp now);

}  // namespace tagswell
