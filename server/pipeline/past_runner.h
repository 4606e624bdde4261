// Answers questions about the past that no event tells: builds an engine as it stood at an instant, from a checkpoint
// or the log's beginning, on a thread of its own. One question at a time; a few may wait.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>

#include "proto/error.h"
#include "proto/time.h"
#include "storage/store.h"
#include "trend/engine.h"

namespace tagswell {

class PastRunner {
 public:
  // Posts that may have to be read again for one answer: some seconds of work.
  static constexpr std::uint64_t kPostsMax = 10'000'000;

  // The store outlives the runner. `options` are those of the live engine.
  PastRunner(Store& store, const EngineOptions& options);
  ~PastRunner();

  // Calls `question` once, on the runner's thread, with the engine as it stood when its time reached `at`. Errors:
  // overloaded (others wait already), too_far_back (more than kPostsMax posts lie between), those of the log. Any
  // thread.
  using Question = std::move_only_function<void(std::expected<std::reference_wrapper<const Engine>, Error>)>;
  void Ask(Timestamp at, Question question);

  // Answers what waits with `draining`. Idempotent.
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
