#include "trend/own_past.h"

#include <algorithm>

namespace tagswell {
namespace {

constexpr double kCautiousHours = 6;

}  // namespace

OwnPastSurprise AgainstOwnPast(const ScopeWatch& watch, const ScopeVolume& volume, GammaRate prior, Minute now,
                               std::size_t span, double floor_mean_per_hour) {
  OwnPastSurprise result{.observed = watch.Observe(now, kSpans[span]),
                         .expected = watch.Expect(now, span, volume, prior)};
  result.expected.mean = std::max(result.expected.mean, floor_mean_per_hour * kSpans[span] / 60.0);
  result.decades = TailDecades(result.observed.authors, result.expected.mean, result.expected.shape);
  return result;
}

double NeededScore(const ScopeWatch& watch, const ScopeVolume& volume, Minute now, const DetectorOptions& options) {
  const double hours = (now - volume.first()) / 60.0;
  const double caution = 1 + std::max(0.0, 1 - hours / kCautiousHours);
  return std::max(caution, watch.Record(now, options.record_half_life_days) / 2);
}

}  // namespace tagswell
