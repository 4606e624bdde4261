#include "storage/author_sketch.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace tagswell {
namespace {

double Sigma(double x) {
  if (x == 1.0) return std::numeric_limits<double>::infinity();
  double y = 1;
  double z = x;
  for (double before = -1; before != z;) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

double Tau(double x) {
  if (x == 0.0 || x == 1.0) return 0;
  double y = 1;
  double z = 1 - x;
  for (double before = -1; before != z;) {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

}  // namespace

double AuthorSketch::Estimate() const {
  RankCounts counts{};
  for (const std::uint8_t rank : ranks_) ++counts[rank];
  return EstimateOf(counts);
}

double AuthorSketch::EstimateOf(const RankCounts& counts) {
  constexpr double kSize = kRegisters;
  double z = kSize * Tau(1 - counts[kRankMax] / kSize);
  for (int rank = kRankMax - 1; rank >= 1; --rank) z = 0.5 * (z + counts[static_cast<std::size_t>(rank)]);
  z += kSize * Sigma(counts[0] / kSize);
  return kSize * kSize / (2 * std::numbers::ln2 * z);
}

}  // namespace tagswell
