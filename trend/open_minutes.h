// The mentions and posts of minutes that may still get more, kept until the watermark has passed them. 24 bytes a
// mention. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "trend/mention_hit.h"
#include "trend/scope_states.h"

namespace tagswell {

class OpenMinutes {
 public:
  struct Content {
    std::vector<MentionHit> hits;
    std::vector<ComboPosts> posts;   // by combination, in order of first appearance
  };

  void AddPost(Minute minute, ComboId combo);
  void AddMention(Minute minute, const MentionHit& hit) { minutes_[minute].hits.push_back(hit); }

  // Takes back what was added; nothing happens when it is not there.
  void RemovePost(Minute minute, ComboId combo);
  void RemoveMention(Minute minute, const MentionHit& hit);

  // Empty content when the minute had nothing.
  Content Take(Minute minute);

  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  std::map<Minute, Content> minutes_;
};

}  // namespace tagswell
