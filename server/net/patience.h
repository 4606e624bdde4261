// How long a peer may take: a fixed time, and a second more for each so many bytes, but never more than that time
// ahead. So who goes on at the rate may go on for ever, and who stops is known after the fixed time, whatever came
// before. Knows no clock: it is told the second.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tagswell {

class Patience {
 public:
  Patience(std::chrono::seconds time, std::size_t bytes_per_second)
      : seconds_(static_cast<std::uint64_t>(time.count())), rate_(std::max<std::size_t>(bytes_per_second, 1)) {}

  // At second `now`, with `bytes` done so far.
  void Start(std::uint64_t now, std::uint64_t bytes) {
    deadline_ = now + seconds_ + 1;  // this second is not whole
    paid_ = bytes;
  }

  // Whether it is over at second `now`, with `bytes` done so far in all: a number that never falls.
  bool Over(std::uint64_t now, std::uint64_t bytes) {
    const std::uint64_t earned = (bytes - paid_) / rate_;
    paid_ += earned * rate_;
    deadline_ = std::min(deadline_ + earned, now + seconds_ + 1);
    return now >= deadline_;
  }

 private:
  std::uint64_t seconds_;
  std::uint64_t rate_;
  std::uint64_t deadline_ = 0;
  std::uint64_t paid_ = 0;  // bytes that have earned their seconds
};

}  // namespace tagswell
