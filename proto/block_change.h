// A word on what may trend: a topic is blocked, or its block is lifted. It stands in the log among the posts (see
// proto/post_codec.h), so that every fold over the log comes to the same trends.
#pragma once

#include <string_view>

#include "proto/time.h"

namespace tagswell {

struct BlockChange {
  std::string_view topic;   // never empty
  bool lifted = false;      // may trend again; else it may not
  bool configured = false;  // said by the configuration, at a start; else by a call
  Timestamp at;             // wall clock when it was said; nothing is computed from it
  std::string_view by;      // name of the caller's token; empty: no tokens are configured, or the configuration said it
};

}  // namespace tagswell
