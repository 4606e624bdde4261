#include "trend/series_score.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tagswell {
namespace {

// Slots of the intervals that are tested: at five minutes a slot, from five minutes to two hours.
constexpr std::array<std::size_t, 5> kSpanSlots = {1, 3, 6, 12, 24};
// A day of slots passes before anything can surprise.
constexpr double kLearnDays = 1;
// One chance in this many decades, for a series with an alarm a fortnight at five-minute slots.
constexpr double kBarDecades = 3.6;

double MedianSlotDays(Duration step) { return std::clamp(std::chrono::duration<double>(step).count() / 86'400, 1e-5, 1.0); }

}  // namespace

void SeriesScorer::Learn(double value, double slot_days) {
  const double kept = std::exp2(-slot_days / options_.baseline_half_life_days);
  count_ = count_ * kept + value;
  slots_ = slots_ * kept + 1;
  squares_ = squares_ * kept + value * value;
}

double SeriesScorer::Add(SeriesPoint point) {
  const double slot_days = first_ ? 0 : MedianSlotDays(point.at - last_at_);
  first_ = false;
  last_at_ = point.at;
  recent_.push_back(std::max(0.0, point.value));
  if (recent_.size() > kSpanSlots.back()) recent_.pop_front();

  double surprise = 0;
  if (slots_ * slot_days >= kLearnDays) {
    const double mean = std::max(count_, 1.0) / slots_;
    // Method of moments for the Gamma's shape: variance = mean + mean^2 / shape.
    const double variance = std::max(squares_ / slots_ - mean * mean, mean);
    const double shape = std::clamp(mean * mean / std::max(variance - mean, mean * mean / 100), 0.2, 100.0);
    double sum = 0;
    std::size_t taken = 0;
    for (const std::size_t span : kSpanSlots) {
      for (; taken < std::min(span, recent_.size()); ++taken) sum += recent_[recent_.size() - 1 - taken];
      const auto slots = static_cast<double>(taken);
      // Neighbouring slots wander together, but not wholly: their sum is surer than one, by the root of their number.
      surprise = std::max(surprise, TailDecades(sum, mean * slots, shape * std::sqrt(slots)));
    }
  }
  Learn(recent_.back(), slot_days);

  record_ *= std::exp2(-slot_days / options_.record_half_life_days);
  const double needed = std::max(kBarDecades, record_);
  record_ = std::max(record_, surprise);
  return surprise / needed;
}

}  // namespace tagswell
