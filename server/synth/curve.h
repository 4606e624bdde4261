// How many posts there have been by when: a rising line through given points, read backwards to place each post.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "proto/time.h"
#include "server/synth/random.h"

namespace tagswell {

struct CurvePoint {
  Timestamp at;
  double count = 0;  // posts before `at`
};

// Gives the moments of a strand of posts, in order, in whole seconds. The number of posts before each point is the
// point's count divided by `scale`, exact when that is whole and otherwise within one.
class Curve {
 public:
  // `points`: at least one, times and counts not falling. scale > 0.
  Curve(std::vector<CurvePoint> points, double scale, Random random);

  std::optional<Timestamp> Next();                // nothing after the last point; amortised O(1)
  std::uint64_t given() const { return given_; }  // how many moments Next has given
  static double CountAt(const std::vector<CurvePoint>& points, Timestamp at);

 private:
  std::vector<CurvePoint> points_;
  double scale_;
  Random random_;
  std::uint64_t given_ = 0;
  std::size_t segment_ = 1;  // the next post lies between points_[segment_ - 1] and points_[segment_] or later
};

}  // namespace tagswell
