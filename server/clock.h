// The only place that reads clocks. Everything else is given its time as an argument, so that tests set it.
#pragma once

#include <time.h>

#include <chrono>

#include "proto/time.h"

namespace tagswell {

// Safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp Now() const = 0;
};

class WallClock final : public Clock {
 public:
  Timestamp Now() const override { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }
};

// Time since the machine was started, sleep included: it never jumps, and goes on whatever is set.
class UptimeClock final : public Clock {
 public:
  Timestamp Now() const override {
    timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return Timestamp{
        std::chrono::duration_cast<Duration>(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec))};
  }
};

// Stands where it is put. For tests and for replays on event time.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp now) : now_(now) {}
  Timestamp Now() const override { return now_; }
  void Set(Timestamp now) { now_ = now; }

 private:
  Timestamp now_;
};

// Nanoseconds since some instant before the program began, on a clock that never jumps.
inline std::chrono::nanoseconds SteadyNow() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

// Measures how long something took, on a clock that never jumps. Starts at construction.
class Stopwatch {
 public:
  Stopwatch() : start_(std::chrono::steady_clock::now()) {}
  double Seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }
  void Restart() { start_ = std::chrono::steady_clock::now(); }

 private:
  std::chrono::steady_clock::time_point start_;
};

}  // namespace tagswell
