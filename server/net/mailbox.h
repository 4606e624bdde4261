// What is on its way to one subscriber. Bounded: at the bound the subscriber is let go, nobody waits for it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace tagswell {

// The payload of a message, encoded once and shared by all who get it.
using Frame = std::shared_ptr<const std::string>;
enum class FrameKind : unsigned char { kText = 1, kBinary = 2 };  // an event stream takes both alike

// RFC 6455, section 7.4.1.
enum class CloseCode : std::uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kProtocolError = 1002,
  kUnsupported = 1003,
  kNoStatus = 1005,  // never sent
  kAbnormal = 1006,  // never sent
  kInvalidPayload = 1007,
  kPolicy = 1008,
  kTooBig = 1009,
  kInternal = 1011,
  kTryAgainLater = 1013,
};

// Any thread may call anything. Frames leave in the order of the calls; those that queue up share one socket write.
class Mailbox {
 public:
  static constexpr std::size_t kDefaultBytesMax = 256 * 1024;

  // `wake` is called (any thread, no lock held) when there is something to take out and nothing was before.
  Mailbox(std::size_t bytes_max, std::function<void()> wake);

  // False when the subscriber is gone, closing, or overflows with this: then the frames are dropped, what was queued is
  // dropped too, and it is closed with 1013 and the overflow reason. One frame always fits into an empty mailbox.
  bool Send(Frame frame, FrameKind kind = FrameKind::kText);
  bool Send(std::span<const Frame> frames, FrameKind kind = FrameKind::kText);  // all or none

  // What 1013 says, e.g. the last seq that was sent. At most 123 bytes are used. Default: "too slow".
  void SetOverflowReason(std::string reason);

  // Sends what is queued, then closes.
  void Close(CloseCode code, std::string reason);

  // Stops and resumes reading from the peer (TCP then makes it wait). For handlers whose work queues up.
  void PauseReading();
  void ResumeReading();

  // Payload bytes on their way: for senders that pace themselves.
  std::size_t QueuedBytes() const;

  bool IsOpen() const;  // false after Close, an overflow, or the end of the connection

  // --- for the session that writes; its thread only ---
  struct Item {
    Frame frame;
    FrameKind kind;
  };
  struct Taken {
    std::vector<Item> items;
    bool close = false;      // write the items, then close with these
    bool overflown = false;  // the close came from the bound
    CloseCode code = CloseCode::kNormal;
    std::string reason;
  };
  // Moves all out. Bytes taken still count until Written() says they left.
  void Take(Taken& into);
  void Written(std::size_t payload_bytes);
  bool ReadingPaused() const { return paused_.load(std::memory_order_acquire); }
  void Disconnect();  // the peer is gone: every later Send returns false

 private:
  bool SendLocked(std::span<const Frame> frames, FrameKind kind);
  bool WakeNeeded();

  const std::size_t bytes_max_;
  const std::function<void()> wake_;
  std::atomic<bool> paused_ = false;
  mutable std::mutex mutex_;
  std::vector<Item> queue_;
  std::size_t bytes_ = 0;  // queued or taken and not yet written
  bool woken_ = false;
  bool open_ = true;
  bool close_ = false;
  bool overflown_ = false;
  CloseCode code_ = CloseCode::kNormal;
  std::string reason_;
  std::string overflow_reason_ = "too slow";
};

}  // namespace tagswell
