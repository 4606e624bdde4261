#include "server/pipeline/work_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tagswell {

WorkQueue::Put WorkQueue::TryPut(Work& work) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return Put::kClosed;
    if (work.batch.steps() > 0 && Full()) return Put::kFull;
    posts_ += work.batch.steps();
    bytes_ += work.batch.records.size();
    waiting_.push_back(std::move(work));
    if (waiting_.size() != 1 && !Gathered()) return Put::kTaken;  // the taker sleeps on, or is awake
  }
  filled_.notify_one();
  return Put::kTaken;
}

bool WorkQueue::Gathered() const {
  return waiting_.size() >= gather_ || posts_ >= kGatherPostsMax || closed_;
}

std::vector<Work> WorkQueue::Take(std::size_t posts_max, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  filled_.wait_for(lock, timeout, [this] { return !waiting_.empty() || closed_; });
  if (!waiting_.empty()) filled_.wait_for(lock, kGatherTime, [this] { return Gathered(); });
  std::size_t count = 0;
  for (std::size_t posts = 0; count < waiting_.size(); ++count) {
    posts += waiting_[count].batch.steps();
    if (count > 0 && posts > posts_max) break;
  }
  gather_ = std::max<std::size_t>(count, 1);
  std::vector<Work> taken;
  if (count == waiting_.size()) {
    taken.swap(waiting_);
  } else {
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
    taken.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
  }
  for (const Work& work : taken) {
    posts_ -= work.batch.steps();
    bytes_ -= work.batch.records.size();
  }
  return taken;
}

void WorkQueue::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_.notify_all();
}

bool WorkQueue::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

bool WorkQueue::full() const {
  const std::lock_guard lock(mutex_);
  return Full();
}

std::size_t WorkQueue::posts() const {
  const std::lock_guard lock(mutex_);
  return posts_;
}

std::size_t WorkQueue::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace tagswell
