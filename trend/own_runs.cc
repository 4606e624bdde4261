#include "trend/own_runs.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tagswell {
namespace {

// Less surprise than an even chance is no run, and never beyond what is known.
constexpr double kDecadesMin = 0.3;
// So many runs know how often their smallest is reached.
constexpr double kRunsKnown = 10;
// Before anything is known, twice the surprise is a third as common. That is worth so many runs.
constexpr double kRatioPrior = 1.0 / 3;
constexpr double kPriorRuns = 6;
constexpr double kHalfLivesKept = 5;
// Less than a quarter of a day is no rate yet, and no run yet is not never.
constexpr double kDaysMin = 0.25;
constexpr double kRunsMin = 0.5;

}  // namespace

double OwnRuns::Weight(const Run& run, Minute now) const {
  return std::exp2(-(now - run.at) / 1440.0 / half_life_days_);
}

double OwnRuns::Days(Minute now) const {
  if (first_ == Minute{0}) return kDaysMin;
  const double scale = half_life_days_ / std::numbers::ln2;
  return std::max(kDaysMin, scale * (1 - std::exp(-(now - first_) / 1440.0 / scale)));
}

void OwnRuns::Observe(double decades, Minute now) {
  if (first_ == Minute{0}) first_ = now;
  if (current_.decades > 0 && decades < current_.decades / 2) Close(now);
  if (decades >= kDecadesMin && decades > current_.decades) current_ = {decades, now};
}

void OwnRuns::Close(Minute now) {
  std::erase_if(runs_, [&](const Run& run) { return now - run.at > kHalfLivesKept * half_life_days_ * 1440; });
  const auto place = std::upper_bound(runs_.begin(), runs_.end(), current_,
                                      [](const Run& a, const Run& b) { return a.decades > b.decades; });
  runs_.insert(place, current_);
  if (runs_.size() > kRunsKept) runs_.pop_back();
  current_ = {0, Minute{0}};
}

double OwnRuns::PerDay(double decades, Minute now) const {
  double runs = 0;
  double smallest = kDecadesMin;
  auto end = runs_.begin();
  for (; end != runs_.end() && (runs < kRunsKnown || end->decades >= decades); ++end) {
    runs += Weight(*end, now);
    smallest = end->decades;
  }
  const double per_day = std::max(kRunsMin, runs) / Days(now);
  if (decades <= smallest) return per_day;
  double log_excess = kPriorRuns * std::numbers::ln2 / -std::log(kRatioPrior);
  for (auto run = runs_.begin(); run != end; ++run) log_excess += Weight(*run, now) * std::log(run->decades / smallest);
  const double exponent = (kPriorRuns + runs) / log_excess;
  return per_day * std::pow(decades / smallest, -exponent);
}

}  // namespace tagswell
