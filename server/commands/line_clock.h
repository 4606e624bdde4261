// The time of what stands in a line, or a record, of an archive, in whatever form. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "proto/post_form.h"
#include "proto/time.h"

namespace tagswell {

class LineClock {
 public:
  LineClock();
  ~LineClock();

  // Of a page the newest post's; nothing where there is no post.
  std::optional<Timestamp> TimeOf(std::string_view line, const PostForm& form);

 private:
  struct State;
  std::unique_ptr<State> state_;  // of other formats than ours, once there is one
};

// The created_at of one of our own posts, found by its name, without parsing the rest.
std::optional<Timestamp> CreatedAtOf(std::string_view line);

}  // namespace tagswell
