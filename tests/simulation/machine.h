// The pipeline without its threads: the store, the engine and the indexer, moved one step at a time by whoever holds
// it. A crash is the end of the process that it lives in.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "server/clock.h"
#include "server/pipeline/engine_runner.h"
#include "server/pipeline/event_hub.h"
#include "storage/store.h"
#include "tests/simulation/world.h"

namespace tagswell::simulation {

// Ends the process with a message: the seed is printed by whoever waits for it.
[[noreturn]] void Fail(const std::string& what);

class Machine {
 public:
  // Opens what is in `dir`, and recovers.
  Machine(const World& world, const std::filesystem::path& dir);

  // Writes the posts that are not there yet. Gives how many. An empty batch is a tick.
  std::size_t Commit(const PostBatch& batch, Timestamp clock);
  void TakeBack(const PostKey& key);
  bool Holds(const PostKey& key);

  bool StepEngine();   // false: nothing waits
  bool StepIndexer();  // the same
  void Finish();       // until nothing waits

  Timestamp clock() { return store_->log().LastClock(); }

  // Every post is there and counted once, and nothing else is: against plain sums over the world's posts.
  void CheckCounts();
  // All that can be seen: the events, the boards of each minute and scope, counts.
  std::string Show();
  // The events, and what trended in each minute, by a fold of the whole log without any interruption.
  void CheckFold();

 private:
  struct Checkpoint {
    BlockSeq at;
    std::deque<std::string> pieces;
  };
  void HandOn(std::shared_ptr<const LogBlock> block);
  std::vector<TrendEvent> Events();

  const World& world_;
  ManualClock clock_{kMonday};
  std::unique_ptr<Store> store_;
  std::unique_ptr<EventHub> hub_;
  std::unique_ptr<EngineRunner> engine_;
  std::deque<std::shared_ptr<const LogBlock>> to_engine_;
  std::deque<std::shared_ptr<const LogBlock>> to_indexer_;
  std::deque<Checkpoint> to_save_;
};

}  // namespace tagswell::simulation
