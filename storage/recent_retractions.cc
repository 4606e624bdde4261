#include "storage/recent_retractions.h"

namespace tagswell {

void RecentRetractions::Add(Position post) {
  const std::lock_guard lock(mutex_);
  posts_.push_back(post);
  ++count_;
  if (posts_.size() > kMax) posts_.pop_front();
}

std::uint64_t RecentRetractions::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::optional<std::vector<Position>> RecentRetractions::Since(std::uint64_t count) const {
  const std::lock_guard lock(mutex_);
  const std::uint64_t wanted = count_ - count;
  if (wanted > posts_.size()) return std::nullopt;
  return std::vector<Position>(posts_.end() - static_cast<std::ptrdiff_t>(wanted), posts_.end());
}

}  // namespace tagswell
