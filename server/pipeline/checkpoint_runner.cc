#include "server/pipeline/checkpoint_runner.h"

#include <memory>
#include <string>
#include <utility>

#include "server/pipeline/state_channel.h"

namespace tagswell {

CheckpointRunner::CheckpointRunner(Store& store, IndexRunner& indexer)
    : store_(store), indexer_(indexer), thread_("checkpoint", 2) {}

StateSink CheckpointRunner::Begin(BlockSeq at, Timestamp time) {
  ++busy_;
  auto channel = std::make_shared<StateChannel>();
  // Also while the thread is stopping: the last state makes the next start short.
  thread_.Put([this, at, time, channel](std::expected<void, Error>) {
    std::expected<void, Error> saved;
    const bool wanted = !indexer_.failed();
    if (wanted) saved = store_.checkpoints().Save(at, [&] { return channel->Take(); });
    while (!channel->Take().empty()) {  // what a failure has left
    }
    if (wanted) indexer_.AfterCheckpoint(std::move(saved), at, time);
    --busy_;
  });
  return [channel = std::move(channel)](std::string piece) { channel->Put(std::move(piece)); };
}

void CheckpointRunner::Stop() {
  thread_.Stop();
}

}  // namespace tagswell
