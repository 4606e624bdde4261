#include "server/steadied_clock.h"

namespace tagswell {

Timestamp SteadiedClock::Now() const {
  const std::lock_guard lock(mutex_);
  const Timestamp up = uptime_.Now();
  const Duration offset = wall_.Now() - up;
  const auto near = [offset](Duration other) { return std::chrono::abs(offset - other) <= kStepMax; };
  if (near(offset_)) {
    offset_ = offset;
    doubt_.reset();
  } else if (!doubt_ || !near(doubt_->offset)) {
    doubt_ = Doubt{.offset = offset, .since = up};
  } else if (up - doubt_->since >= kDoubt) {
    offset_ = offset;
    doubt_.reset();
  }
  return up + offset_;
}

}  // namespace tagswell
