#include "trend/burst_tail.h"

#include <algorithm>
#include <cmath>

namespace tagswell {
namespace {

constexpr double kHalfLifeDays = 7;
// Below this many runs a level says little: continue from the one before.
constexpr double kRunsMin = 10;
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

void BurstTail::ForgetLevels() { std::fill(runs_.begin() + 2, runs_.end(), 0.0); }

int BurstTail::LastKnown() const {
  int last = 1;
  while (last < kLevels && runs_[static_cast<std::size_t>(last) + 1] >= kRunsMin) ++last;
  return last;
}

double BurstTail::Ratio(double ratio_prior) const {
  // Pooled over the last levels with support.
  const int last = LastKnown();
  double lower = kRatioPriorRuns;
  double upper = kRatioPriorRuns * ratio_prior;
  for (int level = std::max(1, last - 2); level <= last && level < kLevels; ++level) {
    lower += runs_[static_cast<std::size_t>(level)];
    upper += runs_[static_cast<std::size_t>(level) + 1];
  }
  return std::clamp(upper / lower, kRatioMin, kRatioMax);
}

double BurstTail::PerDay(double authors, Minute now, double ratio_prior) const {
  const double days = Weight(now);
  if (days == 0) return 1;
  const int last = LastKnown();
  const auto at = [this](int level) { return std::max(0.5, runs_[static_cast<std::size_t>(level)]); };
  if (authors < last) {
    // Between two known levels: geometric interpolation.
    const int low = std::max(1, static_cast<int>(authors));
    const double part = std::clamp(authors - low, 0.0, 1.0);
    return at(low) / days * std::pow(at(low + 1) / at(low), part);
  }
  return at(last) / days * std::pow(Ratio(ratio_prior), authors - last);
}

}  // namespace tagswell
