// The detector over a bare count series: how surprising is each value, given the series' own past? For `tagswell
// score`.
//
// The series is one topic in one scope that always posts the same, each count that many authors. It is watched, judged
// against its own past and held to the trend book's rules as any topic is, with the same options. What needs other
// topics is left out: the chance among them. In its place stands what is rare for the series itself (OwnRuns). Not
// thread-safe.
#pragma once

#include <optional>

#include "proto/time.h"
#include "trend/detector_options.h"
#include "trend/own_runs.h"
#include "trend/scope_table.h"
#include "trend/scope_volume.h"
#include "trend/scope_watch.h"
#include "trend/topic_table.h"
#include "trend/trend_book.h"

namespace tagswell {

struct SeriesPoint {
  Timestamp at;
  double value = 0;  // a count, >= 0, rounded to a whole one
};

class SeriesScorer {
 public:
  explicit SeriesScorer(const DetectorOptions& options);
  SeriesScorer(const SeriesScorer&) = delete;
  SeriesScorer& operator=(const SeriesScorer&) = delete;

  // Points come in order of time; each counts what came since the one before, so that the first scores 0. A slot lasts
  // as long as the shortest distance so far, from a minute to a day; the rest of a longer one is a gap.
  // The score is 1 or more exactly where the server would announce a trend: once, when it starts or comes back higher.
  double Add(SeriesPoint point);

 private:
  void Count(Minute now, int minutes, double value);
  Verdict Judge(Minute now) const;

  DetectorOptions options_;
  ScopeTable scopes_;
  TopicTable topics_;
  TopicId topic_;
  TrendBook book_;
  ScopeVolume volume_;
  ScopeWatch watch_{kWorld};
  OwnRuns runs_;
  std::optional<Minute> last_;
  int slot_minutes_;
};

}  // namespace tagswell
