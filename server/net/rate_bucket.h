// A token bucket in one number: the time at which it is full again. The tokens fill it at a rate; what is taken out
// moves that time on. Knows no clock: times are nanoseconds since any instant, the same for all calls.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace tagswell {

class Rate {
 public:
  using Time = std::chrono::nanoseconds;

  // So many a second in the long run, and at once as many as come in `burst_seconds`. 1 <= per_second <= 1,000,000,
  // 1 <= burst_seconds <= 3,600.
  Rate(std::uint32_t per_second, std::uint32_t burst_seconds)
      : interval_(Time(std::chrono::seconds(1)) / per_second),
        slack_(std::chrono::seconds(burst_seconds) - interval_) {}

  // How long until there is one token in a bucket that is full at `full_at`; 0: there is.
  Time Wait(Time full_at, Time now) const { return std::max(full_at - now - slack_, Time(0)); }

  // When the bucket is full after `count` were taken. That may be more than there were: then it is in debt, and the
  // next who asks waits for all of it. So what is counted only once it is there keeps to the rate too.
  Time Taken(Time full_at, Time now, std::uint64_t count) const {
    return std::max(full_at, now) + interval_ * static_cast<std::int64_t>(count);
  }

 private:
  Time interval_;  // in which one token comes
  Time slack_;     // a bucket that is full so long from now holds one token
};

// One such bucket, for all threads; without a rate it is never empty.
class RateBucket {
 public:
  explicit RateBucket(std::optional<Rate> rate) : rate_(rate) {}

  // As Rate::Wait.
  Rate::Time Wait(Rate::Time now) {
    if (!rate_) return Rate::Time(0);
    const std::lock_guard lock(mutex_);
    return rate_->Wait(full_at_, now);
  }
  // Takes one if there is one; else the answer is how long to wait, and nothing is taken.
  Rate::Time Take(Rate::Time now) {
    if (!rate_) return Rate::Time(0);
    const std::lock_guard lock(mutex_);
    const Rate::Time wait = rate_->Wait(full_at_, now);
    if (wait == Rate::Time(0)) full_at_ = rate_->Taken(full_at_, now, 1);
    return wait;
  }
  // Takes `count` whether or not they are there.
  void Owe(Rate::Time now, std::uint64_t count) {
    if (!rate_) return;
    const std::lock_guard lock(mutex_);
    full_at_ = rate_->Taken(full_at_, now, count);
  }

 private:
  const std::optional<Rate> rate_;
  std::mutex mutex_;
  Rate::Time full_at_ = {};
};

// None for 0 a second.
inline std::optional<Rate> RateOf(std::uint32_t per_second, std::uint32_t burst_seconds) {
  return per_second == 0 ? std::nullopt : std::optional(Rate(per_second, burst_seconds));
}

}  // namespace tagswell
