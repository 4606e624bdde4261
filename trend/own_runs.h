// How often did a topic surprise its own past this much before? A model of counts is never wholly right: a series with
// a spike each evening surprises it each evening. The empirical tail of the topic's own runs says what is rare for it.
//
// A run is a stretch in which the surprise does not fall under half of its highest; it counts with its highest, and
// fades. Beyond the runs that are well known the tail goes on as a power law, by Hill's estimator (Annals of Statistics
// 3(5), 1975): burst sizes have no scale. Fitted to the largest runs, leaning on a prior while they are few. Not
// thread-safe.
#pragma once

#include <vector>

#include "proto/time.h"

namespace tagswell {

class OwnRuns {
 public:
  // The largest runs are kept, for five half-lives.
  static constexpr std::size_t kRunsKept = 512;

  explicit OwnRuns(double half_life_days) : half_life_days_(half_life_days) {}

  // The surprise (decades, >= 0) of each interval in turn. O(kRunsKept) at the end of a run.
  void Observe(double decades, Minute now);

  // Runs a day that reach `decades` or more, without the one that is going on. O(kRunsKept).
  double PerDay(double decades, Minute now) const;

 private:
  struct Run {
    double decades;
    Minute at;
  };
  double Weight(const Run& run, Minute now) const;
  double Days(Minute now) const;  // decayed days that were observed
  void Close(Minute now);

  double half_life_days_;
  std::vector<Run> runs_;  // largest first
  Run current_{0, Minute{0}};
  Minute first_{0};
};

}  // namespace tagswell
