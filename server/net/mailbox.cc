#include "server/net/mailbox.h"

#include <utility>

namespace tagswell {

Mailbox::Mailbox(std::size_t bytes_max, std::function<void()> wake) : bytes_max_(bytes_max), wake_(std::move(wake)) {}

bool Mailbox::Send(Frame frame, FrameKind kind) {
  return Send(std::span<const Frame>(&frame, 1), kind);
}

bool Mailbox::Send(std::span<const Frame> frames, FrameKind kind) {
  bool sent = false;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (!open_) return false;
    sent = SendLocked(frames, kind);
    wake = WakeNeeded();
  }
  if (wake) wake_();
  return sent;
}

bool Mailbox::SendLocked(std::span<const Frame> frames, FrameKind kind) {
  std::size_t bytes = 0;
  for (const Frame& frame : frames) bytes += frame->size();
  // What is handed over at once into an empty mailbox always fits: else a large hello could never be sent.
  if (bytes_ != 0 && bytes_ + bytes > bytes_max_) {
    queue_.clear();
    open_ = false;
    close_ = true;
    overflown_ = true;
    code_ = CloseCode::kTryAgainLater;
    reason_ = overflow_reason_;
    return false;
  }
  bytes_ += bytes;
  for (const Frame& frame : frames) queue_.push_back({frame, kind});
  return true;
}

bool Mailbox::WakeNeeded() {
  return !std::exchange(woken_, true);
}

void Mailbox::SetOverflowReason(std::string reason) {
  const std::lock_guard lock(mutex_);
  overflow_reason_ = std::move(reason);
}

void Mailbox::Close(CloseCode code, std::string reason) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    open_ = false;
    close_ = true;
    code_ = code;
    reason_ = std::move(reason);
    wake = WakeNeeded();
  }
  if (wake) wake_();
}

void Mailbox::PauseReading() {
  paused_.store(true, std::memory_order_release);
}

void Mailbox::ResumeReading() {
  if (!paused_.exchange(false, std::memory_order_acq_rel)) return;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    wake = WakeNeeded();
  }
  if (wake) wake_();
}

std::size_t Mailbox::QueuedBytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

bool Mailbox::IsOpen() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

void Mailbox::Take(Taken& into) {
  into.items.clear();
  const std::lock_guard lock(mutex_);
  woken_ = false;
  into.items.swap(queue_);
  into.close = close_;
  into.overflown = overflown_;
  into.code = code_;
  into.reason = close_ ? reason_ : std::string();
}

void Mailbox::Written(std::size_t payload_bytes) {
  const std::lock_guard lock(mutex_);
  bytes_ -= payload_bytes;
}

void Mailbox::Disconnect() {
  const std::lock_guard lock(mutex_);
  open_ = false;
  queue_.clear();
}

}  // namespace tagswell
