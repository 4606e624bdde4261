#include "storage/hourly_posts.h"

#include <iterator>
#include <utility>

namespace tagswell {
namespace {

constexpr std::size_t kRowsMax = 4'000'000;  // 64 MB
constexpr std::size_t kTopicsMax = 500'000;  // 40 MB

}  // namespace

void HourlyPosts::Writes(const std::set<std::uint32_t>& hours, BlockSeq upto) {
  const std::lock_guard lock(mutex_);
  for (const std::uint32_t hour : hours) {
    writes_[hour] = upto;
    if (const auto held = hours_.find(hour); held != hours_.end()) Erase(held->second);
  }
}

BlockSeq HourlyPosts::LastWrite(std::uint32_t hour) const {
  const auto last = writes_.find(hour);
  return last == writes_.end() ? BlockSeq{0} : last->second;
}

void HourlyPosts::Erase(Order::iterator hour) {
  rows_ -= hour->rows.size();
  hours_.erase(hour->hour);
  order_.erase(hour);
}

HourlyPosts::Look::Look(HourlyPosts& cache, BlockSeq seen) : cache_(cache), lock_(cache.mutex_), seen_(seen) {
  if (cache_.topics_.size() <= kTopicsMax) return;
  cache_.topics_ = TopicNumbers();
  cache_.hours_.clear();
  cache_.order_.clear();
  cache_.rows_ = 0;
}

std::uint32_t HourlyPosts::Look::NumberOf(std::string_view topic) {
  return cache_.topics_.NumberOf(topic);
}

const std::vector<HourlyPosts::Row>* HourlyPosts::Look::Find(std::uint32_t hour) {
  const auto held = cache_.hours_.find(hour);
  if (held == cache_.hours_.end() || cache_.LastWrite(hour) > seen_) return nullptr;
  cache_.order_.splice(cache_.order_.begin(), cache_.order_, held->second);
  return &held->second->rows;
}

void HourlyPosts::Look::Keep(std::uint32_t hour, std::vector<Row> rows) {
  if (cache_.LastWrite(hour) > seen_ || rows.size() > kRowsMax) return;
  cache_.rows_ += rows.size();
  cache_.order_.push_front({.hour = hour, .rows = std::move(rows)});
  cache_.hours_[hour] = cache_.order_.begin();
  while (cache_.rows_ > kRowsMax) cache_.Erase(std::prev(cache_.order_.end()));
}

}  // namespace tagswell
