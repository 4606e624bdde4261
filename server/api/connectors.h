// The platforms that the configuration has a stream follow, each on a thread of its own, straight into the stream. A
// platform that cannot be reached or refuses is tried again for ever; nothing of it is a fault of the server.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <expected>
#include <memory>
#include <mutex>
#include <vector>

#include "proto/error.h"
#include "server/api/api_context.h"
#include "server/client/interruption.h"
#include "server/metrics.h"
#include "server/pipeline/pipeline.h"

namespace tagswell {

class Connectors {
 public:
  static constexpr const char* kFolder = "connect";  // of the cursors, below that of the stream

  // Those of api.stream(). Everything outlives the connectors. Error: bad_config, which names the key.
  static std::expected<std::unique_ptr<Connectors>, Error> Create(ApiContext& api, Metrics& metrics);
  // Interrupt(), and waits for the threads: for as long as a name is being looked up, see WaitForEnd.
  ~Connectors();

  // Reads the cursors, and begins. Once. `pipeline` outlives the
  // connectors. Errors: those of CursorFile::Open, unwritable_cursor.
  std::expected<void, Error> Start(Pipeline& pipeline);

  // They end: each hands over what it has read. Any thread; never waits.
  void Interrupt() { interruption_.Interrupt(); }
  // Until they have, but no longer than that. False: one is still in a call that cannot be interrupted, a look-up of a
  // name. It touches nothing of the pipeline any more.
  bool WaitForEnd(std::chrono::milliseconds at_most);

 private:
  class Host;
  explicit Connectors(ApiContext& api);

  ApiContext& api_;
  Interruption interruption_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t running_ = 0;  // guarded by mutex_
  std::vector<std::unique_ptr<Host>> hosts_;
};

}  // namespace tagswell
