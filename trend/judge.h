// How surprising is what one topic does in one scope right now? A pure function of the topic's ScopeWatch and of what
// is known of the scope.
//
// A trend must beat two explanations at once:
//   its own past: a Gamma-Poisson (negative binomial) prediction over the scope's exposure, with recurrence, and
//   chance among all that is watched: the empirical tail of bursts in that scope (BurstTail).
// The bar is the surprise at which the expected number of false alarms a day meets the scope's part of the budget.
#pragma once

#include <array>

#include "trend/burst_tail.h"
#include "trend/detector_options.h"
#include "trend/scope_volume.h"
#include "trend/scope_watch.h"

namespace tagswell {

struct ScopeState {
  ScopeVolume volume;
  std::array<BurstTail, kSpans.size()> tails;
  // Refreshed every ten minutes.
  GammaRate prior{1, 1};
  double budget_per_day = 0;  // this scope's part of the alarms
  double runs_per_day = 1;    // topics that begin to be used, a day
  std::array<double, kSpans.size()> ratio_prior{};  // of the tails: the world's
  bool first_day = true;
};

struct Verdict {
  double score = 0;           // surprise over bar; 1 is the bar
  double surprise = 0;        // -log10 of the chance
  double bar = 1;
  int span_minutes = kSpans[0];
  Observation observed;       // over the span
  Expectation expected;       // over the span
  bool too_few = false;       // fewer authors than authors_min
};

// The span that surprises most. `floor_mean_per_hour`: an expectation from finer scopes that this one may not fall
// below (the world expects at least what its countries expect together).
Verdict Judge(const ScopeWatch& watch, const ScopeState& scope, Minute now, const DetectorOptions& options, double floor_mean_per_hour);

}  // namespace tagswell
