// The end of what would go on or wait, as something that can be asked for and waited for. Any thread.
#pragma once

#include <atomic>
#include <chrono>

namespace tagswell {

class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  // From now on it has happened. A signal handler may call it.
  void Interrupt();

  bool happened() const { return happened_; }

  // Waits as long as that, or until it happens, and says whether it has.
  bool WaitFor(std::chrono::milliseconds duration) const;

 private:
  const int wakeup_;
  std::atomic<bool> happened_ = false;
};

}  // namespace tagswell
