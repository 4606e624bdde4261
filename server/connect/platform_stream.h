// A platform's stream of posts, as a connector follows it: opened at a position, read piece by piece, lost, opened
// again.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "proto/error.h"
#include "proto/post_format.h"
#include "proto/time.h"

namespace tagswell {

// Where to go on: behind everything that was read so far.
struct StreamPosition {
  std::string cursor;  // as the platform counts: a time in microseconds, the id of a status
  Timestamp time;      // when the stream was there
};

// Messages that wait to be sent, a line each. Bounded: streams stop reading when it is full.
struct StreamBatch {
  static constexpr std::size_t kBytesMax = 4u << 20;
  static constexpr std::uint64_t kMessagesMax = 5'000;

  std::string lines;
  std::uint64_t messages = 0;
  std::optional<StreamPosition> position;  // behind all of them; nothing: where it was before

  bool full() const { return lines.size() >= kBytesMax || messages >= kMessagesMax; }

  // Takes JSON as one line: its line breaks can only stand between values, and become spaces.
  void Append(std::string_view json, std::uint64_t count = 1) {
    const std::size_t begin = lines.size();
    lines += json;
    for (std::size_t i = begin; i < lines.size(); ++i) {
      if (lines[i] == '\n' || lines[i] == '\r') lines[i] = ' ';
    }
    lines += '\n';
    messages += count;
  }
};

struct StreamFault {
  Error error;           // unreachable, silent, refused, bad_url, bad_authorities, interrupted
  bool is_busy = false;  // the platform said to come again later
  std::optional<std::chrono::seconds> retry_after = {};
};

// What was posted while nobody listened.
struct StreamGap {
  Timestamp from;
  Timestamp to;
  std::string what;  // became of it
};

using OnStreamGap = std::function<void(const StreamGap&)>;

// One thread.
class PlatformStream {
 public:
  virtual ~PlatformStream() = default;

  virtual PostFormat format() const = 0;

  // Connects, to go on from `from`, or with what happens from now on. May be called again after a fault.
  virtual std::expected<void, StreamFault> Open(const std::optional<StreamPosition>& from) = 0;

  // Appends what comes within `patience` at the earliest: the first message, and those that are there already. What
  // was appended before a fault stays.
  virtual std::expected<void, StreamFault> Read(StreamBatch& batch, std::chrono::milliseconds patience) = 0;

  virtual void Close() = 0;
};

}  // namespace tagswell
