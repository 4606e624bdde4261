// A thread for long answers that few ask for: one job after another, and only a few may wait. It stands back behind the
// threads that answer at once.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>

#include "proto/error.h"

namespace tagswell {

class SideThread {
 public:
  // `name` as TakeRole has it.
  SideThread(const char* name, std::size_t waiting_max);
  ~SideThread();

  // Calls `job` once: on the thread, when its turn has come, or at once with `overloaded` when as many wait as may.
  // What waits at Stop, or comes later, is called with `draining`. Any thread; never blocks.
  using Job = std::move_only_function<void(std::expected<void, Error> turn)>;
  void Put(Job job);

  // For a job that runs: it is to end soon.
  bool stopping() const;

  // Waits for the job that runs. Idempotent.
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
