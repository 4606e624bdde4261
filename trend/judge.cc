#include "trend/judge.h"

#include <algorithm>
#include <cmath>

#include "trend/own_past.h"

namespace tagswell {

Verdict Judge(const ScopeWatch& watch, const ScopeState& scope, Minute now, const DetectorOptions& options,
              double floor_mean_per_hour) {
  Verdict best;
  const double runs = std::max(1.0, scope.runs_per_day);
  best.bar = std::max(1.0, std::log10(runs / std::max(1e-9, scope.budget_per_day)));
  double best_surprise = -1;
  for (std::size_t i = 0; i < kSpans.size(); ++i) {
    const OwnPastSurprise past = AgainstOwnPast(watch, scope.volume, scope.prior, now, i, floor_mean_per_hour);
    const double excess = std::max(0.0, past.observed.authors - past.expected.mean);
    const double by_chance =
        excess < 1 ? 0 : std::log10(runs / std::max(1e-12, scope.tails[i].PerDay(excess, now, scope.ratio_prior[i])));
    const double surprise = std::max(0.0, std::min(past.decades, by_chance));
    if (surprise > best_surprise) {
      best_surprise = surprise;
      best.surprise = surprise;
      best.span_minutes = kSpans[i];
      best.observed = past.observed;
      best.expected = past.expected;
    }
  }
  best.score = best.surprise / best.bar;
  best.too_few = best.observed.authors < options.authors_min;
  if (best.too_few) best.score = std::min(best.score, 0.99);
  return best;
}

}  // namespace tagswell
