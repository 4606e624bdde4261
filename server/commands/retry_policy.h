// When to try a request again. It knows no clock: the caller says how long things have gone wrong, and waits.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace tagswell {

struct RetryOptions {
  std::chrono::milliseconds first{100};  // the wait after the first failure; it doubles
  std::chrono::milliseconds longest{5'000};
  std::chrono::milliseconds give_up{10'000};  // a server that cannot be reached for so long is not there
};

class RetryPolicy {
 public:
  enum class Failure {
    kUnreachable,  // refused, reset, timed out: gives up
    kBusy,         // 429 or 503: the server lives and said so; never gives up
  };

  explicit RetryPolicy(RetryOptions options = {}) : options_(options) {}

  // How long to wait before the next try; nothing: give up. `failing_for`: since the first failure after the last
  // success. `retry_after`: what the server asked for, up to a minute of it.
  std::optional<std::chrono::milliseconds> AfterFailure(Failure failure, std::chrono::milliseconds failing_for,
                                                        std::optional<std::chrono::seconds> retry_after = {});
  void AfterSuccess() { failures_ = 0; }

 private:
  const RetryOptions options_;
  int failures_ = 0;
};

// The value of a Retry-After header when it is in seconds; nothing for a date or anything else.
std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view value);

}  // namespace tagswell
