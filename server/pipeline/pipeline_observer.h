// Hears what the pipeline does, for metrics. Called on the pipeline's threads; must be quick and thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "proto/trend_event.h"

namespace tagswell {

class PipelineObserver {
 public:
  virtual ~PipelineObserver() = default;
  virtual void OnCommit(std::size_t posts, std::size_t duplicates, double commit_seconds) = 0;
  virtual void OnSync(double seconds) = 0;
  virtual void OnEvent(const TrendEvent& event) = 0;
};

}  // namespace tagswell
