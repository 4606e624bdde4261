#include "storage/hourly_posts.h"

#include <iterator>
#include <utility>

namespace tagswell {

void HourlyPosts::Generation::Erase(Order::iterator hour) {
  rows -= hour->rows->size();
  hours.erase(hour->hour);
  order.erase(hour);
}

void HourlyPosts::Writes(const std::set<std::uint32_t>& hours, BlockSeq upto) {
  const std::lock_guard lock(mutex_);
  for (const std::uint32_t hour : hours) {
    writes_[hour] = upto;
    if (const auto held = now_->hours.find(hour); held != now_->hours.end()) now_->Erase(held->second);
  }
}

BlockSeq HourlyPosts::LastWrite(std::uint32_t hour) const {
  const auto last = writes_.find(hour);
  return last == writes_.end() ? BlockSeq{0} : last->second;
}

HourlyPosts::Look::Look(HourlyPosts& cache, BlockSeq seen) : cache_(cache), seen_(seen) {
  const std::lock_guard lock(cache_.mutex_);
  generation_ = cache_.now_;
}

std::shared_ptr<const HourlyPosts::Rows> HourlyPosts::Look::Find(std::uint32_t hour) {
  const std::lock_guard lock(cache_.mutex_);
  Generation& held = *generation_;
  const auto found = held.hours.find(hour);
  if (generation_ != cache_.now_ || found == held.hours.end() || cache_.LastWrite(hour) > seen_) return nullptr;
  held.order.splice(held.order.begin(), held.order, found->second);
  return found->second->rows;
}

void HourlyPosts::Look::Renumber(const TopicNumbers& names, Rows& rows) {
  const std::lock_guard lock(cache_.mutex_);
  std::vector<std::uint32_t> numbers(names.size());
  for (std::uint32_t topic = 0; topic < names.size(); ++topic)
    numbers[topic] = generation_->topics.NumberOf(names.name(topic));
  for (Row& row : rows) row.topic = numbers[row.topic];
  // Who looks now goes on with these numbers; the next begins anew.
  if (generation_ == cache_.now_ && generation_->topics.size() > kTopicsMax)
    cache_.now_ = std::make_shared<Generation>();
}

void HourlyPosts::Look::Keep(std::uint32_t hour, Rows rows) {
  if (rows.empty() || rows.size() > kRowsMax) return;
  rows.shrink_to_fit();
  const std::lock_guard lock(cache_.mutex_);
  Generation& held = *generation_;
  if (generation_ != cache_.now_ || cache_.LastWrite(hour) > seen_ || held.hours.contains(hour)) return;
  held.rows += rows.size();
  held.order.push_front({.hour = hour, .rows = std::make_shared<const Rows>(std::move(rows))});
  held.hours[hour] = held.order.begin();
  while (held.rows > kRowsMax) held.Erase(std::prev(held.order.end()));
}

}  // namespace tagswell
