// A word on what counts as one topic: tags and phrases are put under one name, or let go again. It stands in the log
// among the posts (see proto/post_codec.h), so that every fold over the log counts the same topics.
#pragma once

#include <string_view>
#include <vector>

#include "proto/time.h"

namespace tagswell {

struct AliasChange {
  std::string_view topic;                      // canonical key, never empty
  std::vector<std::string_view> tags = {};     // without '#', as the call spelled them
  std::vector<std::string_view> phrases = {};  // as the call spelled them
  bool removed = false;                        // the topic is no group any more; else it is this one from here on
  Timestamp at;                                // wall clock when it was said; nothing is computed from it
  std::string_view by;                         // name of the caller's token; empty: no tokens are configured
};

}  // namespace tagswell
