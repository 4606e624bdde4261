// How far a topic exceeds its own past in one scope, and what its past asks of a new announcement. Pure functions.
#pragma once

#include <cstddef>

#include "proto/time.h"
#include "trend/detector_options.h"
#include "trend/scope_volume.h"
#include "trend/scope_watch.h"
#include "trend/surprise.h"

namespace tagswell {

struct OwnPastSurprise {
  Observation observed;  // over the span
  Expectation expected;  // over the span
  double decades = 0;    // -log10 of the chance
};

// Over [now - kSpans[span], now). `floor_mean_per_hour`: what must be expected at least.
OwnPastSurprise AgainstOwnPast(const ScopeWatch& watch, const ScopeVolume& volume, GammaRate prior, Minute now,
                               std::size_t span, double floor_mean_per_hour);

// The score that an announcement needs: the bar, or half of what is left of the topic's record. While a scope is new,
// everyday topics cannot be told from news, since they have no past either: nothing is announced in its first two hours,
// and then, until it is six hours old, only at twice the bar and only what hardly anyone used before the last hour (else
// infinite).
double NeededScore(const ScopeWatch& watch, const ScopeVolume& volume, Minute now, const DetectorOptions& options);

}  // namespace tagswell
