#include "trend/new_topics.h"

#include <algorithm>
#include <cmath>

namespace tagswell {
namespace {

// Short: on the first day the everyday topics are new as well.
constexpr double kHalfLifeDays = 1;

double Days(int minutes) {
  return minutes / 1440.0;
}

}  // namespace

void NewTopics::Add(int from, int to, Minute now) {
  if (first_ == Minute{0}) first_ = decayed_to_ = now;
  if (now - decayed_to_ >= 60) {
    const double factor = std::exp2(-Days(now - decayed_to_) / kHalfLifeDays);
    for (double& topics : reached_) topics *= factor;
    decayed_to_ = now;
  }
  for (int authors = from + 1; authors <= std::min(to, kAuthorsMax); ++authors)
    reached_[static_cast<std::size_t>(authors)] += 1;
}

double NewTopics::PerDay(Minute now) const {
  if (first_ == Minute{0}) return 1;
  // The integral of the decay over what was observed, but no rate from less than a quarter of a day.
  const double scale = kHalfLifeDays / std::log(2.0);
  return std::max(1.0, reached_[1] / std::max(0.25, scale * (1 - std::exp(-Days(now - first_) / scale))));
}

double NewTopics::More() const {
  double more = 0;
  for (std::size_t authors = 2; authors < reached_.size(); ++authors) more += reached_[authors];
  return more / std::max(1.0, reached_[1]);
}

}  // namespace tagswell
