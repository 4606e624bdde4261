// Tells couriers that there are new events. Ringing never waits for anybody's work. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace tagswell {

class EventBell {
 public:
  void Ring() {
    {
      const std::lock_guard lock(mutex_);
      ++rung_;
    }
    changed_.notify_all();
  }

  std::uint64_t rung() const {
    const std::lock_guard lock(mutex_);
    return rung_;
  }

  // Waits until it was rung more than `heard` times, or `stop` is true; who sets `stop` rings.
  void Wait(std::uint64_t heard, const std::atomic<bool>& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return rung_ > heard || stop; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t rung_ = 0;
};

}  // namespace tagswell
