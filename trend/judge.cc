#include "trend/judge.h"

#include <algorithm>
#include <limits>

namespace tagswell {
namespace {

// What follows a post comes soon or not at all: parts of the echo of an hour that a span may hold.
constexpr std::array<double, kSpans.size()> kEcho = {1, 1.5, 2.5};
// The shape of an echo alone: geometric. Every author who is expected brings along a part of one.
constexpr double kEchoShape = 1;
constexpr double kShapePerAuthor = 0.5;
// Rates wander from day to day by about a quarter even without news: no amount of data makes them surer than this.
constexpr double kShapeMax = 16;
// What is usual is known after a day, with an hour to spare so that each hour was seen whole.
constexpr int kUsualMinutes = 25 * 60;
// Twice the longest span: so long a scope is new.
constexpr int kNewScopeMinutes = 2 * kSpans.back();
constexpr int kHour = 60;
constexpr double kNewScopeScore = 2;
// So few are no past.
constexpr std::uint64_t kHardlyAnyone = 2;

}  // namespace

Verdict Judge(const ScopeWatch& watch, const ScopeState& scope, Minute now, const DetectorOptions& options,
              double floor_mean_per_hour) {
  Verdict best;
  best.bar = scope.bar;
  double best_surprise = -1;
  // When twice as much is posted as usual, twice as many answer.
  const double usual = now - scope.volume.first() < kUsualMinutes ? 0 : scope.volume.Expected(now - 60, now);
  const double echo = scope.echo_per_hour * (usual > 0 ? scope.volume.Exposure(now - 60, now) / usual : 1);
  for (std::size_t i = 0; i < kSpans.size(); ++i) {
    const int span = kSpans[i];
    const Observation observed = watch.Observe(now, span);
    Expectation expected = watch.Expect(now, i, scope.volume, scope.prior);
    expected.mean = std::max(expected.mean, floor_mean_per_hour * span / 60.0);
    const double shape = 1 / (1 / (kEchoShape + kShapePerAuthor * expected.mean) + 1 / kShapeMax);
    expected.mean += echo * kEcho[i];
    const double surprise = TailDecades(observed.authors, expected.mean, shape);
    if (surprise > best_surprise) {
      best_surprise = surprise;
      best.surprise = surprise;
      best.span_minutes = kSpans[i];
      best.observed = observed;
      best.expected = expected;
    }
  }
  best.score = best.surprise / best.bar;
  best.too_few = best.observed.authors < options.authors_min;
  if (best.too_few || best.observed.unproven) best.score = std::min(best.score, 0.99);
  return best;
}

double NeededScore(const ScopeWatch& watch, const ScopeVolume& volume, Minute now, const DetectorOptions& options) {
  const double record = watch.Record(now, options.record_half_life_days) / 2;
  const int age = now - volume.first();
  if (age >= kNewScopeMinutes) return std::max(1.0, record);
  const bool unknown = age >= 2 * kHour && watch.AllAuthors(now - kHour, kNewScopeMinutes) <= kHardlyAnyone;
  return unknown ? std::max(kNewScopeScore, record) : std::numeric_limits<double>::infinity();
}

}  // namespace tagswell
