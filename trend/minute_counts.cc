#include "trend/minute_counts.h"

#include <algorithm>

namespace tagswell {
namespace {

constexpr auto kByMinute = [](const MinuteCounts::Entry& entry, Minute minute) { return entry.minute < minute; };

}  // namespace

void MinuteCounts::Add(Minute minute, std::uint32_t count) {
  if (entries_.empty() || entries_.back().minute < minute) {
    entries_.push_back({minute, count});
    return;
  }
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), minute, kByMinute);
  if (at->minute == minute) {
    at->count += count;
  } else {
    entries_.insert(at, {minute, count});
  }
}

void MinuteCounts::Subtract(Minute minute, std::uint32_t count) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), minute, kByMinute);
  if (at == entries_.end() || at->minute != minute) return;
  at->count -= std::min(at->count, count);
  if (at->count == 0) entries_.erase(at);
}

std::uint64_t MinuteCounts::Sum(Minute from, Minute to) const {
  std::uint64_t sum = 0;
  for (auto at = std::lower_bound(entries_.begin(), entries_.end(), from, kByMinute);
       at != entries_.end() && at->minute < to; ++at) {
    sum += at->count;
  }
  return sum;
}

void MinuteCounts::Expire(Minute oldest) {
  const auto keep = std::lower_bound(entries_.begin(), entries_.end(), oldest, kByMinute);
  entries_.erase(entries_.begin(), keep);
}

}  // namespace tagswell
