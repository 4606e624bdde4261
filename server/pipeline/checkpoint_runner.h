// The thread that writes states of the engine to the disk while the engine hands them out.
#pragma once

#include <atomic>

#include "proto/time.h"
#include "server/pipeline/index_runner.h"
#include "server/pipeline/side_thread.h"
#include "storage/store.h"
#include "trend/state_io.h"

namespace tagswell {

class CheckpointRunner {
 public:
  // Everything passed by reference outlives the runner.
  CheckpointRunner(Store& store, IndexRunner& indexer);

  // The state before is not stored yet.
  bool busy() const { return busy_.load() > 0; }

  // Stores the state after block `at`, whose time is `time`: returns where its pieces go. When it is stored the indexer
  // is told. At most one may follow while `busy`.
  StateSink Begin(BlockSeq at, Timestamp time);

  // Finishes what was begun. Idempotent.
  void Stop();

 private:
  Store& store_;
  IndexRunner& indexer_;
  std::atomic<int> busy_ = 0;
  SideThread thread_;
};

}  // namespace tagswell
