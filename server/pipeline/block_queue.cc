#include "server/pipeline/block_queue.h"

#include <utility>

namespace tagswell {

void BlockQueue::PutBlock(Block block) {
  {
    std::unique_lock lock(mutex_);
    emptied_.wait(lock, [this] { return posts_ < posts_max_ || closed_; });
    posts_ += block->size();
    blocks_.push_back(std::move(block));
    if (blocks_.size() != 1 && !Gathered()) return;  // the taker sleeps on, or is awake
  }
  filled_.notify_one();
}

bool BlockQueue::Gathered() const {
  return posts_ >= kGatherPosts || !errands_.empty() || closed_;
}

void BlockQueue::PutErrand(Errand errand) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    errands_.push_back(std::move(errand));
  }
  filled_.notify_one();
}

std::optional<std::variant<BlockQueue::Block, BlockQueue::Errand>> BlockQueue::Take() {
  std::unique_lock lock(mutex_);
  if (blocks_.empty()) {
    filled_.wait(lock, [this] { return !blocks_.empty() || !errands_.empty() || closed_; });
    filled_.wait_for(lock, kGatherTime, [this] { return Gathered(); });
  }
  if (!errands_.empty()) {
    Errand errand = std::move(errands_.front());
    errands_.pop_front();
    return errand;
  }
  if (blocks_.empty()) return std::nullopt;
  Block block = std::move(blocks_.front());
  blocks_.pop_front();
  posts_ -= block->size();
  busy_ = true;
  return block;
}

std::optional<BlockQueue::Errand> BlockQueue::TakeErrand() {
  const std::lock_guard lock(mutex_);
  if (errands_.empty()) return std::nullopt;
  Errand errand = std::move(errands_.front());
  errands_.pop_front();
  return errand;
}

void BlockQueue::Done() {
  {
    const std::lock_guard lock(mutex_);
    busy_ = false;
  }
  emptied_.notify_all();
}

void BlockQueue::Drain() {
  std::unique_lock lock(mutex_);
  emptied_.wait(lock, [this] { return blocks_.empty() && !busy_; });
}

void BlockQueue::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_.notify_all();
  emptied_.notify_all();
}

}  // namespace tagswell
