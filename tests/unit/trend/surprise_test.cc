#include "trend/surprise.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tagswell {
namespace {

// -log10 P(X >= x) by adding the terms of the tail up.
double BySummation(int x, double mean, double shape) {
  const auto log_term = [&](double k) {
    return std::lgamma(k + shape) - std::lgamma(shape) - std::lgamma(k + 1) + shape * std::log(shape / (shape + mean)) +
           k * std::log(mean / (shape + mean));
  };
  const double first = log_term(x);
  double sum = 0;
  for (int k = x; k < x + 200'000; ++k) {
    const double term = std::exp(log_term(k) - first);
    sum += term;
    if (term < 1e-14 * sum) break;
  }
  return -(first + std::log(sum)) / std::log(10.0);
}

TEST(Surprise, EqualsTheSummedTailOfTheNegativeBinomial) {
  for (const double shape : {0.3, 1.0, 3.0, 16.0}) {
    for (const double mean : {0.01, 0.3, 2.0, 20.0, 300.0}) {
      for (const double times : {3.0, 6.0, 20.0, 100.0}) {
        const int x = static_cast<int>(std::ceil(mean * times)) + 4;
        const double exact = BySummation(x, mean, shape);
        if (exact < 2) continue;  // only what could become an alarm has to be right
        EXPECT_NEAR(TailDecades(x, mean, shape), exact, 0.1 + 0.01 * exact)
            << "x " << x << " mean " << mean << " shape " << shape;
      }
    }
  }
}

TEST(Surprise, IsNothingUpToTheMean) {
  EXPECT_EQ(TailDecades(5, 5, 1), 0);
  EXPECT_EQ(TailDecades(0, 0, 1), 0);
  EXPECT_EQ(TailDecades(3, 10, 4), 0);
}

TEST(Surprise, RisesWithTheCountAndStaysFinite) {
  double before = 0;
  for (double x = 2; x < 1e7; x *= 1.7) {
    const double now = TailDecades(x, 1.5, 8);
    EXPECT_GE(now, before) << x;
    EXPECT_TRUE(std::isfinite(now)) << x;
    before = now;
  }
}

}  // namespace
}  // namespace tagswell
