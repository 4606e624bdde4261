// What gauges and boards show in /metrics, as the engine said last: a collection does not wait for the engine.
#pragma once

#include <cstddef>
#include <mutex>

#include "server/metrics.h"
#include "server/pipeline/pipeline.h"

namespace tagswell {

class EngineGauges {
 public:
  // `topics`: how many of the most used topics, and of the world's trends, have members of their own.
  EngineGauges(Metrics& metrics, std::size_t topics);

  // Until Metrics::SetRefresh says otherwise. `pipeline` outlives that.
  void Watch(Pipeline& pipeline);

 private:
  void Ask(Pipeline& pipeline);

  Metrics& metrics_;
  const std::size_t topics_;
  std::mutex mutex_;
  BoardFigures boards_;  // guarded by mutex_
};

}  // namespace tagswell
