// A token bucket in one number: the time at which it is full again. The tokens fill it at a rate; what is taken out
// moves that time on. Knows no clock: times are nanoseconds since any instant, the same for all calls.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

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

}  // namespace tagswell
