#include "trend/own_past.h"

#include <algorithm>
#include <limits>

namespace tagswell {
namespace {

// Twice the longest span: so long a scope is new.
constexpr int kNewScopeMinutes = 2 * kSpans.back();
constexpr int kHour = 60;
constexpr double kNewScopeScore = 2;
// So few are no past.
constexpr std::uint64_t kHardlyAnyone = 2;

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
  const double record = watch.Record(now, options.record_half_life_days) / 2;
  const int age = now - volume.first();
  if (age >= kNewScopeMinutes) return std::max(1.0, record);
  const bool unknown = age >= 2 * kHour && watch.AllAuthors(now - kHour, kNewScopeMinutes) <= kHardlyAnyone;
  return unknown ? std::max(kNewScopeScore, record) : std::numeric_limits<double>::infinity();
}

}  // namespace tagswell
