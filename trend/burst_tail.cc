#include "trend/burst_tail.h"

#include <algorithm>
#include <cmath>

namespace tagswell {
namespace {

constexpr double kHalfLifeDays = 7;
// Below this many runs a level says little: continue from the one before.
constexpr double kRunsMin = 10;
// Before anything is known: a run of n authors is a third as common as one of n - 1.
constexpr double kRatioPrior = 1.0 / 3;
constexpr double kRatioPriorRuns = 6;
constexpr double kRatioMin = 0.1;
constexpr double kRatioMax = 0.6;

double Days(int minutes) { return minutes / 1440.0; }

}  // namespace

void BurstTail::DecayTo(Minute now) {
  if (first_ == Minute{0}) first_ = decayed_to_ = now;
  // Once an hour is often enough for a half-life of days.
  if (now - decayed_to_ < 60) return;
  const double factor = std::exp2(-Days(now - decayed_to_) / kHalfLifeDays);
  for (double& runs : runs_) runs *= factor;
  decayed_to_ = now;
}

void BurstTail::Add(int from, int to, Minute now) {
  DecayTo(now);
  for (int level = std::max(1, from + 1); level <= std::min(to, kLevels); ++level) runs_[static_cast<std::size_t>(level)] += 1;
}

double BurstTail::Weight(Minute now) const {
  if (first_ == Minute{0}) return 0;
  // The integral of the decay over what was observed; never less than a quarter of a day, so that the first hour's few
  // runs do not count as a rate.
  const double scale = kHalfLifeDays / std::log(2.0);
  return std::max(0.25, scale * (1 - std::exp(-Days(now - first_) / scale)));
}

double BurstTail::PerDay(double authors, Minute now) const {
  const double days = Weight(now);
  if (days == 0) return 1;
  int last = 1;
  while (last < kLevels && runs_[static_cast<std::size_t>(last) + 1] >= kRunsMin) ++last;
  const auto at = [this](int level) { return runs_[static_cast<std::size_t>(level)]; };
  const int whole = static_cast<int>(authors);
  if (whole < last) {
    // Between two known levels: geometric interpolation.
    const int low = std::max(1, whole);
    const double part = std::clamp(authors - low, 0.0, 1.0);
    return std::max(0.5, at(low)) / days * std::pow(std::max(0.5, at(low + 1)) / std::max(0.5, at(low)), part);
  }
  // From level `last` on, what is one level higher falls by this ratio: pooled over the last levels with support.
  const int base = std::max(1, last - 2);
  double lower = kRatioPriorRuns;
  double upper = kRatioPriorRuns * kRatioPrior;
  for (int level = base; level <= last && level < kLevels; ++level) {
    lower += at(level);
    upper += at(level + 1);
  }
  const double ratio = std::clamp(upper / lower, kRatioMin, kRatioMax);
  return std::max(0.5, at(last)) / days * std::pow(ratio, authors - last);
}

}  // namespace tagswell
