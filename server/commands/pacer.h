// Replays a stream at a multiple of real speed: says how much of it is due, by the times in it. It knows no clock.
// Not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "proto/time.h"
#include "server/commands/archive_pieces.h"

namespace tagswell {

class Pacer {
 public:
  // 1 is real time; speed > 0.
  explicit Pacer(double speed) : speed_(speed) {}

  struct Due {
    std::size_t bytes = 0;              // whole lines, from the front
    std::chrono::milliseconds wait{0};  // until the next line is due; 0 when all are
  };

  // The time of what a line holds; nothing where it holds no post.
  using TimeOf = std::function<std::optional<Timestamp>(std::string_view line)>;

  // `lines`: whole lines, or other pieces, that were not due so far; `elapsed`: since the replay began. The first post
  // is due at once, and so is a line without a time, or one that comes before the one in front of it.
  Due Next(Pieces pieces, std::string_view lines, std::chrono::milliseconds elapsed, const TimeOf& time_of);

 private:
  const double speed_;
  std::optional<Timestamp> first_;
};

}  // namespace tagswell
