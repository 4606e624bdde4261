// The time of what stands in a line of an archive, in whatever format. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "proto/post_format.h"
#include "proto/time.h"

namespace tagswell {

class LineClock {
 public:
  LineClock();
  ~LineClock();

  // Of a page the newest post's; nothing where there is no post.
  std::optional<Timestamp> TimeOf(std::string_view line, PostFormat format);

 private:
  struct State;
  std::unique_ptr<State> state_;  // of other formats than ours, once there is one
};

// The created_at of one of our own posts, found by its name, without parsing the rest.
std::optional<Timestamp> CreatedAtOf(std::string_view line);

}  // namespace tagswell
