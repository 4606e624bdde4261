// Shorthands for the families of Prometheus that metrics are members of. A family that is there already is taken.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace tagswell {

inline const prometheus::Histogram::BucketBoundaries kLatencySeconds = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

inline prometheus::Counter& AddCounter(prometheus::Registry& registry, const char* name, const char* help,
                                       const prometheus::Labels& labels = {}) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add(labels);
}
inline prometheus::Gauge& AddGauge(prometheus::Registry& registry, const char* name, const char* help,
                                   const prometheus::Labels& labels = {}) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels);
}
inline prometheus::Histogram& AddHistogram(prometheus::Registry& registry, const char* name, const char* help,
                                           const prometheus::Histogram::BucketBoundaries& bounds,
                                           const prometheus::Labels& labels = {}) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(labels, bounds);
}

}  // namespace tagswell
