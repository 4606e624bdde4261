#include "trend/judge.h"

#include <algorithm>
#include <cmath>

namespace tagswell {

Verdict Judge(const ScopeWatch& watch, const ScopeState& scope, Minute now, const DetectorOptions& options, double floor_mean_per_hour) {
  Verdict best;
  const double runs = std::max(1.0, scope.runs_per_day);
  best.bar = std::max(1.0, std::log10(runs / std::max(1e-9, scope.budget_per_day)));
  double best_surprise = -1;
  for (std::size_t i = 0; i < kSpans.size(); ++i) {
    const int span = kSpans[i];
    const Observation observed = watch.Observe(now, span);
    Expectation expected = watch.Expect(now, i, scope.volume, scope.prior);
    expected.mean = std::max(expected.mean, floor_mean_per_hour * span / 60.0);
    const double by_own_past = TailDecades(observed.authors, expected.mean, expected.shape);
    const double excess = std::max(0.0, observed.authors - expected.mean);
    const double by_chance = excess < 1 ? 0 : std::log10(runs / std::max(1e-12, scope.tails[i].PerDay(excess, now, scope.ratio_prior[i])));
    const double surprise = std::max(0.0, std::min(by_own_past, by_chance));
    if (surprise > best_surprise) {
      best_surprise = surprise;
      best.surprise = surprise;
      best.span_minutes = span;
      best.observed = observed;
      best.expected = expected;
    }
  }
  best.score = best.surprise / best.bar;
  best.too_few = best.observed.authors < options.authors_min;
  if (best.too_few) best.score = std::min(best.score, 0.99);
  return best;
}

}  // namespace tagswell
