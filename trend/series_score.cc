#include "trend/series_score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace tagswell {
namespace {

constexpr int kDay = 24 * 60;
// One author a day, until the series is known.
constexpr GammaRate kPrior{1, kDay};
// As many intervals a day can surprise.
constexpr double kIntervalsPerDay = kDay / static_cast<double>(kSpans.front());
// The series is a world of its own: the world's scope has a quarter of the alarms.
constexpr double kBudgetPart = 0.25;
constexpr double kValueMax = 1e9;
// What is not announced stays below the bar.
constexpr double kUntold = 0.99;

}  // namespace

SeriesScorer::SeriesScorer(const DetectorOptions& options)
    : options_(options),
      topic_(topics_.Intern("series")),
      book_(options_, scopes_, topics_),
      runs_(options.baseline_half_life_days),
      slot_minutes_(kDay) {}

void SeriesScorer::Count(Minute now, int minutes, double value) {
  const auto count = static_cast<std::uint64_t>(std::llround(std::clamp(value, 0.0, kValueMax)));
  const auto slot = static_cast<std::uint64_t>(minutes);
  for (std::uint64_t i = 0; i < slot; ++i) {
    const Minute minute = now - minutes + static_cast<int>(i);
    const auto part = static_cast<std::uint32_t>(count * (i + 1) / slot - count * i / slot);
    volume_.Close(minute, 1);
    if (part == 0) continue;
    watch_.AddAuthors(minute, part, 0);
    watch_.AddPosts(minute, part);
  }
}

Verdict SeriesScorer::Judge(Minute now) const {
  Verdict best;
  double most = -1;
  for (std::size_t span = 0; span < kSpans.size(); ++span) {
    const Observation observed = watch_.Observe(now, kSpans[span]);
    const Expectation expected = watch_.Expect(now, span, volume_, kPrior);
    const double surprise = TailDecades(observed.authors, expected.mean, expected.shape);
    if (surprise <= most) continue;
    most = surprise;
    best.span_minutes = kSpans[span];
    best.observed = observed;
    best.expected = expected;
  }
  best.surprise = most;
  best.bar = std::max(1.0, std::log10(kIntervalsPerDay / std::max(1e-9, options_.alarm_budget_per_day * kBudgetPart)));
  const double rare = std::log10(kIntervalsPerDay / runs_.PerDay(most, now));
  best.score = std::max(0.0, std::min(most, rare)) / best.bar;
  best.too_few = best.observed.authors < options_.authors_min;
  if (best.too_few) best.score = std::min(best.score, kUntold);
  return best;
}

double SeriesScorer::Add(SeriesPoint point) {
  const Minute now = MinuteOf(point.at);
  if (!last_) {
    last_ = now;
    return 0;
  }
  slot_minutes_ = std::clamp(now - *last_, 1, slot_minutes_);
  last_ = now;
  // What fills a slot of that length has lasted.
  Count(now, slot_minutes_, point.value);
  watch_.Fold(now, volume_, kPrior, book_.Trending(topic_), options_.baseline_half_life_days);

  const Verdict verdict = Judge(now);
  runs_.Observe(verdict.surprise, now);
  const Observation hour = watch_.Observe(now, 60);
  // A series has no scope whose everyday topics would have to be known first: after an hour its own runs tell.
  const double record = watch_.Record(now, options_.record_half_life_days) / 2;
  const double needed = now - volume_.first() < 60 ? std::numeric_limits<double>::infinity() : std::max(1.0, record);
  const bool told = book_.Take({.topic = topic_,
                                .scope = kWorld,
                                .verdict = verdict,
                                .posts_1h = hour.posts,
                                .authors_1h = hour.all_authors,
                                .expected_1h = verdict.expected.mean * 60 / verdict.span_minutes,
                                .needed_score = needed},
                               now);
  std::vector<TrendEvent> events;
  for (const TrendBook::Ended& ended : book_.CloseMinute(now, events))
    watch_.SetRecord(ended.peak_score, now, options_.record_half_life_days);
  const double score = verdict.score / needed;
  return told ? std::max(1.0, score) : std::min(kUntold, score);
}

}  // namespace tagswell
