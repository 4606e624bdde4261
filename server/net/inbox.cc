#include "server/net/inbox.h"

#include <boost/asio/post.hpp>

namespace tagswell {

void Inbox::Put(std::shared_ptr<Wakeable> target) {
  const std::lock_guard lock(mutex_);
  if (!context_) return;
  waiting_.push_back(std::move(target));
  if (waiting_.size() > 1) return;  // a wake-up is already on its way
  boost::asio::post(*context_, [self = shared_from_this()] { self->Deliver(); });
}

void Inbox::Deliver() {
  {
    const std::lock_guard lock(mutex_);
    delivering_.swap(waiting_);
  }
  for (const std::shared_ptr<Wakeable>& target : delivering_) target->OnWake();
  delivering_.clear();
}

void Inbox::Close() {
  std::vector<std::shared_ptr<Wakeable>> dropped;  // declared first, so destroyed after the lock is released
  const std::lock_guard lock(mutex_);
  context_ = nullptr;
  dropped.swap(waiting_);
}

}  // namespace tagswell
