// The wall clock, less what nobody should believe at once: when it jumps against the time since the machine's start,
// time goes on as before until the jump has lasted an hour. So a wrong clock that is set right within the hour leaves
// nothing behind, and the engine, whose time never goes back, is not sent a day ahead for a day.
#pragma once

#include <mutex>
#include <optional>

#include "server/clock.h"

namespace tagswell {

// Thread-safe.
class SteadiedClock final : public Clock {
 public:
  static constexpr Duration kStepMax = std::chrono::minutes(1);  // less is a correction, and is followed
  static constexpr Duration kDoubt = std::chrono::hours(1);

  // Both outlive this. `uptime` never jumps; its zero does not matter.
  SteadiedClock(const Clock& wall, const Clock& uptime)
      : wall_(wall), uptime_(uptime), offset_(wall.Now() - uptime.Now()) {}

  Timestamp Now() const override;

 private:
  struct Doubt {
    Duration offset;
    Timestamp since;  // in uptime
  };

  const Clock& wall_;
  const Clock& uptime_;
  mutable std::mutex mutex_;
  mutable Duration offset_;  // believed, of the wall clock against uptime
  mutable std::optional<Doubt> doubt_;
};

}  // namespace tagswell
