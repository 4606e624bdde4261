#include "server/synth/curve.h"

#include <algorithm>
#include <utility>

namespace tagswell {

Curve::Curve(std::vector<CurvePoint> points, double scale, Random random)
    : points_(std::move(points)), scale_(scale), random_(random) {}

std::optional<Timestamp> Curve::Next() {
  const double count = (static_cast<double>(given_) + random_.Uniform()) * scale_;
  if (static_cast<double>(given_ + 1) * scale_ > points_.back().count + 1e-6) return std::nullopt;
  while (segment_ < points_.size() && points_[segment_].count <= count) ++segment_;
  if (segment_ >= points_.size()) return std::nullopt;
  const CurvePoint& from = points_[segment_ - 1];
  const CurvePoint& to = points_[segment_];
  const double part = (count - from.count) / (to.count - from.count);
  const auto span = static_cast<double>((to.at - from.at).count());
  ++given_;
  // Whole seconds, cut: a post never crosses the point that ends its segment.
  return std::chrono::floor<std::chrono::seconds>(from.at + Duration{static_cast<Duration::rep>(part * span)});
}

double Curve::CountAt(const std::vector<CurvePoint>& points, Timestamp at) {
  if (at <= points.front().at) return points.front().count;
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (at > points[i].at) continue;
    const double part = static_cast<double>((at - points[i - 1].at).count()) /
                        static_cast<double>((points[i].at - points[i - 1].at).count());
    return points[i - 1].count + part * (points[i].count - points[i - 1].count);
  }
  return points.back().count;
}

}  // namespace tagswell
