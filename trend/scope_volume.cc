#include "trend/scope_volume.h"

#include <algorithm>

namespace tagswell {
namespace {

// How fast the rhythm follows: the newest day or week weighs at least this much.
constexpr float kDailyWeightMin = 0.25F;
constexpr float kWeeklyWeightMin = 0.34F;

int HourOf(Minute minute) {
  return static_cast<int>(minute) / 60;
}

void Learn(float& mean, std::uint16_t& seen, float value, float weight_min) {
  if (seen < 60'000) ++seen;
  mean += (value - mean) * std::max(weight_min, 1.0F / static_cast<float>(seen));
}

}  // namespace

void ScopeVolume::Close(Minute minute, std::uint32_t posts) {
  if (first_ == Minute{0}) {
    totals_.assign(kMinutesKept, 0);
    first_ = minute;
    last_ = minute - 1;
  }
  if (minute <= last_) return;
  const std::uint64_t total = TotalAt(last_);
  const int skipped = minute - last_ - 1;
  if (skipped >= kMinutesKept) {
    std::fill(totals_.begin(), totals_.end(), total);
  } else {
    for (Minute at = last_ + 1; at < minute; at = at + 1) TotalAt(at) = total;
  }
  for (int hour = HourOf(last_); hour < HourOf(minute); ++hour) {
    // A silence longer than a day is an outage, not a rhythm.
    if (HourOf(minute) - hour <= 24) CloseHour(hour);
  }
  TotalAt(minute) = total + posts;
  last_ = minute;
}

void ScopeVolume::CloseHour(int hour) {
  const Minute from{hour * 60};
  if (from < first_) return;  // only part of it was seen
  const auto posts = static_cast<float>(Sum(from, from + 60));
  Learn(weekly_[static_cast<std::size_t>(hour % kHours)], weeks_[static_cast<std::size_t>(hour % kHours)], posts,
        kWeeklyWeightMin);
  Learn(daily_[static_cast<std::size_t>(hour % 24)], days_[static_cast<std::size_t>(hour % 24)], posts,
        kDailyWeightMin);
}

double ScopeVolume::Sum(Minute from, Minute to) const {
  if (first_ == Minute{0}) return 0;
  const Minute oldest = std::max(first_, last_ - (kMinutesKept - 2));
  const Minute begin = std::clamp(from, oldest, last_ + 1);
  const Minute end = std::clamp(to, oldest, last_ + 1);
  if (begin >= end) return 0;
  const std::uint64_t before = begin == first_ ? 0 : TotalAt(begin - 1);
  return static_cast<double>(TotalAt(end - 1) - before);
}

double ScopeVolume::TotalThrough(Minute minute) const {
  if (first_ == Minute{0} || minute < first_) return 0;
  return static_cast<double>(TotalAt(std::clamp(minute, std::max(first_, last_ - (kMinutesKept - 2)), last_)));
}

double ScopeVolume::RateAt(int hour) const {
  const auto week = static_cast<std::size_t>(hour % kHours);
  const auto day = static_cast<std::size_t>(hour % 24);
  if (weeks_[week] >= 2) return weekly_[week] / 60.0;
  if (days_[day] >= 1) return daily_[day] / 60.0;
  return 0;
}

double ScopeVolume::Expected(Minute from, Minute to) const {
  double posts = 0;
  for (Minute at = from; at < to;) {
    const int hour = HourOf(at);
    const Minute end = std::min(to, Minute{(hour + 1) * 60});
    posts += RateAt(hour) * (end - at);
    at = end;
  }
  return posts;
}

double ScopeVolume::Exposure(Minute from, Minute to) const {
  return std::max(Sum(from, to), Expected(from, to));
}

void ScopeVolume::Save(StateWriter& out) const {
  out.Put(first_);
  out.Put(last_);
  out.PutAll(totals_);
  out.Put(weekly_);
  out.Put(weeks_);
  out.Put(daily_);
  out.Put(days_);
}

void ScopeVolume::Load(StateReader& in) {
  in.Get(first_);
  in.Get(last_);
  in.GetAll(totals_);
  in.Get(weekly_);
  in.Get(weeks_);
  in.Get(daily_);
  in.Get(days_);
}

}  // namespace tagswell
