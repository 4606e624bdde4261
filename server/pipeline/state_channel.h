// The pieces of an engine's state on their way to the disk: bounded, so that a large state is never there twice.
// One thread puts, another takes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>

namespace tagswell {

class StateChannel {
 public:
  // Waits while as many bytes wait as may. An empty piece ends the state.
  void Put(std::string piece);

  // Waits for the next piece; an empty one, always, behind the last.
  std::string Take();

 private:
  // The engine stands still until all but so much of its state is on the disk.
  static constexpr std::size_t kBytesMax = 16 << 20;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> pieces_;
  std::size_t bytes_ = 0;
  bool ended_ = false;
};

}  // namespace tagswell
