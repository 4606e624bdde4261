// Tail probabilities of counts, in decades: -log10 of the chance of seeing that many or more.
#pragma once

namespace tagswell {

// A rate that is itself uncertain: Gamma(shape, rate). The count over an exposure is then negative binomial.
// Gelman et al., Bayesian Data Analysis (3rd ed.), section 2.6.
struct GammaRate {
  double shape = 0;  // > 0
  double rate = 0;   // > 0, in units of exposure
  double Mean() const { return shape / rate; }
};

// -log10 P(X >= x) where X ~ NegativeBinomial of mean `mean` and shape `shape` (variance mean + mean^2 / shape).
// x may be fractional. 0 when x <= mean. Bounded above the tail by a geometric series (exact to a few percent of the
// probability), so that it stays finite where the probability underflows. O(1).
double TailDecades(double x, double mean, double shape);

}  // namespace tagswell
