#include "server/pipeline/state_channel.h"

#include <utility>

namespace tagswell {

void StateChannel::Put(std::string piece) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return bytes_ == 0 || bytes_ + piece.size() <= kBytesMax; });
  if (piece.empty()) {
    ended_ = true;
  } else {
    bytes_ += piece.size();
    pieces_.push_back(std::move(piece));
  }
  changed_.notify_one();
}

std::string StateChannel::Take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ended_ || !pieces_.empty(); });
  if (pieces_.empty()) return {};
  std::string piece = std::move(pieces_.front());
  pieces_.pop_front();
  bytes_ -= piece.size();
  changed_.notify_one();
  return piece;
}

}  // namespace tagswell
