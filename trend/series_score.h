// The detector over a bare count series: how surprising is each value, given the series' own past? For `tagswell score`.
// One value a slot; the slot's length is taken from the timestamps. The same Gamma-Poisson tail as for topics, without
// authors and scopes. Not thread-safe.
#pragma once

#include <deque>

#include "proto/time.h"
#include "trend/detector_options.h"
#include "trend/surprise.h"

namespace tagswell {

struct SeriesPoint {
  Timestamp at;
  double value = 0;  // a count, >= 0
};

class SeriesScorer {
 public:
  explicit SeriesScorer(const DetectorOptions& options) : options_(options) {}

  // Points come in order of time. The score is scaled so that 1 is the bar. O(longest span).
  double Add(SeriesPoint point);

 private:
  void Learn(double value, double slot_days);

  const DetectorOptions options_;
  std::deque<double> recent_;     // newest last, as many as the longest span
  Timestamp last_at_;
  bool first_ = true;
  double count_ = 0;              // decayed sum of values
  double slots_ = 0;              // decayed number of slots
  double squares_ = 0;            // decayed sum of squares: how much the rate itself wanders
  double record_ = 0;             // the highest surprise so far, fading
};

}  // namespace tagswell
