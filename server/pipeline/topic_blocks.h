// What is blocked where the log ends. The engine knows it too, but only as far as it has counted; what a call may
// change is decided here, in the order in which changes get into the log.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "trend/block_list.h"

namespace tagswell {

// A call to block a topic, or to lift its block.
struct BlockCall {
  std::string topic;
  bool lift = false;
  std::string by = {};      // name of the caller's token; empty when no tokens are configured
  std::string remote = {};  // the caller's address
};

// What came of it.
struct BlockAnswer {
  bool changed = false;  // else it stood so already: nothing was written
  TopicBlock block;      // as it stands; of a lift as it stood
};

// Thread-safe. One thread changes it.
class TopicBlocks {
 public:
  // Finding and listing stay quick, and a checkpoint small.
  static constexpr std::size_t kTopicsMax = 10'000;

  // What the log says. Before anything else.
  void Restore(const BlockList& list);

  // What `call` comes to when it is written: nullopt when it stands so already. Errors: not_found (a lift of what is
  // not blocked), blocked_by_configuration (a lift), too_many_blocks. The change views into `call`.
  std::expected<std::optional<BlockChange>, Error> Plan(const BlockCall& call, Timestamp at) const;

  // What makes the log say what the configuration says: it blocks `topics` and nothing else. Views into `topics` and
  // into this.
  std::vector<BlockChange> PlanConfigured(std::span<const std::string> topics, Timestamp at) const;

  // The change is in the log.
  void Apply(const BlockChange& change);

  std::optional<TopicBlock> Find(std::string_view topic) const;
  std::map<std::string, TopicBlock, std::less<>> All() const;

 private:
  mutable std::mutex mutex_;
  BlockList list_;
};

}  // namespace tagswell
