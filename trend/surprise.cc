#include "trend/surprise.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tagswell {

double TailDecades(double x, double mean, double shape) {
  if (x <= mean || x <= 0) return 0;
  mean = std::max(mean, 1e-12);
  // The first term of the tail, by log-gamma so that large counts neither overflow nor vanish.
  const double log_success = std::log(mean) - std::log(shape + mean);
  const double log_failure = std::log(shape) - std::log(shape + mean);
  const double log_first =
      std::lgamma(x + shape) - std::lgamma(shape) - std::lgamma(x + 1) + shape * log_failure + x * log_success;
  // Terms fall at least as fast as this ratio from here on.
  const double ratio = std::exp(log_success) * std::max(1.0, (x + shape) / (x + 1));
  const double log_tail = ratio < 1 ? log_first - std::log1p(-ratio) : 0;
  return std::max(0.0, -log_tail / std::numbers::ln10);
}

}  // namespace tagswell
