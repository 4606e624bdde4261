// A word on which trends may be shown: whether new ones wait for a yes, or an operator's yes or no to a topic. It
// stands in the log among the posts (see proto/post_codec.h), so that every fold over the log comes to the same events.
#pragma once

#include <cstdint>
#include <string_view>

#include "proto/time.h"

namespace tagswell {

enum class ReviewWord : std::uint8_t {
  kApproved = 0,  // the topic's trends are shown
  kRejected,      // they are not
  kTakenBack,     // nothing is said about the topic any more
  kRequired,      // from here on topics that nobody has spoken about are not shown; of no topic
  kNotRequired,   // from here on they are; of no topic
};
inline constexpr unsigned kReviewWords = 5;

struct ReviewChange {
  ReviewWord word = ReviewWord::kApproved;
  std::string_view topic;  // empty with kRequired and kNotRequired, and only there
  Timestamp at;            // wall clock when it was said; nothing is computed from it
  std::string_view by;     // name of the caller's token; empty: no tokens are configured, or the configuration said it

  bool of_topic() const { return word < ReviewWord::kRequired; }
};

}  // namespace tagswell
