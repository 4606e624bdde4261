// The topics that never trend, as the log says up to some place: since when, and who said so. They are counted, and the
// detector learns what is usual for them; they are only never announced. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "proto/block_change.h"
#include "proto/time.h"
#include "trend/state_io.h"

namespace tagswell {

struct TopicBlock {
  Timestamp since;          // wall clock
  std::string by;           // name of a token; empty: no tokens were configured, or the configuration blocks it
  bool configured = false;  // by the configuration, else by a call
};

class BlockList {
 public:
  // The last word on a topic counts. O(log blocks).
  void Apply(const BlockChange& change);

  // Null when it may trend. O(log blocks); nothing while there are none.
  const TopicBlock* Find(std::string_view topic) const;

  // By topic.
  const std::map<std::string, TopicBlock, std::less<>>& all() const { return blocks_; }

  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  std::map<std::string, TopicBlock, std::less<>> blocks_;
};

}  // namespace tagswell
