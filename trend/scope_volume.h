// How much a scope posts: minute by minute over the last two days, and its rhythm by hour of the week, learned online.
// It is the exposure that a topic's expected count is measured against: a topic is news when its share of the stream
// grows, not when the whole stream does (a morning, a doubled stream).
// Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "proto/time.h"
#include "trend/state_io.h"

namespace tagswell {

class ScopeVolume {
 public:
  static constexpr int kMinutesKept = 2048;

  // Counts of a closed minute. Minutes come in rising order, each at most once; those left out had no posts.
  void Close(Minute minute, std::uint32_t posts);

  // Posts in [from, to). Minutes further back than kMinutesKept count as empty. O(1).
  double Sum(Minute from, Minute to) const;

  // Posts to expect in [from, to) by the hour of the week, or of the day while weeks are few; 0 before the first hour.
  double Expected(Minute from, Minute to) const;

  // The larger of the two: a gap in the input is no fall in expectation, a surge is a rise.
  double Exposure(Minute from, Minute to) const;

  // Posts from the beginning up to the end of `minute` (clamped to what is kept). O(1).
  double TotalThrough(Minute minute) const;

  Minute first() const { return first_; }
  Minute last() const { return last_; }

  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  static constexpr int kHours = 168;
  void CloseHour(int hour);
  double RateAt(int hour) const;  // posts a minute

  std::uint64_t& TotalAt(Minute minute) {
    return totals_[static_cast<std::size_t>(static_cast<int>(minute)) % kMinutesKept];
  }
  std::uint64_t TotalAt(Minute minute) const {
    return totals_[static_cast<std::size_t>(static_cast<int>(minute)) % kMinutesKept];
  }

  Minute first_{0};  // 0: nothing yet
  Minute last_{0};
  std::vector<std::uint64_t> totals_;          // posts up to and including a minute, as a ring
  std::array<float, kHours> weekly_{};         // mean posts of that hour of the week
  std::array<std::uint16_t, kHours> weeks_{};  // how often it was seen
  std::array<float, 24> daily_{};
  std::array<std::uint16_t, 24> days_{};
};

}  // namespace tagswell
