// What gauges and boards show in /metrics, as the engine said last: a collection does not wait for the engine.
#pragma once

#include <cstddef>
#include <mutex>

#include "server/pipeline/pipeline.h"
#include "server/stream_metrics.h"

namespace tagswell {

class EngineGauges {
 public:
  // `topics`: how many of the most used topics, and of the world's trends, have members of their own.
  EngineGauges(StreamMetrics& metrics, std::size_t topics);

  // Until StreamMetrics::SetRefresh says otherwise. `pipeline` outlives that.
  void Watch(Pipeline& pipeline);

 private:
  void Ask(Pipeline& pipeline);

  StreamMetrics& metrics_;
  const std::size_t topics_;
  std::mutex mutex_;
  BoardFigures boards_;  // guarded by mutex_
};

}  // namespace tagswell
