// How surprising is what one topic does in one scope right now? A pure function of the topic's ScopeWatch and of what
// is known of the scope.
//
// What is expected has two parts: what the topic's own past predicts (a Gamma-Poisson rate over the scope's exposure,
// with recurrence), and the echo that any post may find (NewTopics). The count is negative binomial: people come in
// clusters. The bar is the surprise at which the expected number of false alarms a day meets the scope's part of the
// budget, given how many topics begin to be used there.
#pragma once

#include <array>
#include <cstdint>

#include "trend/detector_options.h"
#include "trend/new_topics.h"
#include "trend/scope_volume.h"
#include "trend/scope_watch.h"

namespace tagswell {

// Scopes of one kind share a budget of alarms.
enum class ScopeKind : std::uint8_t { kWhole, kCountry, kLang, kSource };

struct ScopeState {
  ScopeKind kind = ScopeKind::kWhole;
  ScopeVolume volume;
  NewTopics new_topics;
  // Refreshed every ten minutes.
  GammaRate prior{1, 1};
  double echo_per_hour = 0;  // authors that come after any other, by chance
  double bar = 1;            // the surprise that is worth an alarm
};

struct Verdict {
  double score = 0;     // surprise over bar; 1 is the bar
  double surprise = 0;  // -log10 of the chance
  double bar = 1;
  int span_minutes = kSpans[0];
  Observation observed;  // over the span
  Expectation expected;  // over the span
  bool too_few = false;  // fewer authors than authors_min
};

// The span that surprises most. `floor_mean_per_hour`: an expectation from finer scopes that this one may not fall
// below (the world expects at least what its countries expect together).
Verdict Judge(const ScopeWatch& watch, const ScopeState& scope, Minute now, const DetectorOptions& options,
              double floor_mean_per_hour);

// The score that an announcement needs: the bar, or half of what is left of the topic's record. While a scope is new,
// everyday topics cannot be told from news, since they have no past either: nothing is announced in its first two
// hours, and then, until it is six hours old, only at twice the bar and only what hardly anyone used before the last
// hour (else infinite).
double NeededScore(const ScopeWatch& watch, const ScopeVolume& volume, Minute now, const DetectorOptions& options);

}  // namespace tagswell
