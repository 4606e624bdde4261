// One topic in one post, as the detector needs it. 24 bytes: there is one for every mention of the open minutes.
#pragma once

#include <cstdint>

#include "trend/scope_table.h"
#include "trend/topic_table.h"

namespace tagswell {

struct MentionHit {
  std::uint64_t author;
  TopicId topic;
  std::uint32_t
      text;  // fingerprint of the text without case, digits, punctuation, tags and links; 0: too short to tell
  ComboId combo;
  bool doubtful;              // a young or automated account
  std::uint8_t spelling = 0;  // what SpellingCounts::Add gave
  std::uint16_t host = 0;     // keyed hash of the host that the author's account lives on; 0: none known
};

}  // namespace tagswell
