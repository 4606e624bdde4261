#include "server/pipeline/topic_blocks.h"

#include <algorithm>

namespace tagswell {

void TopicBlocks::Restore(const BlockList& list) {
  const std::lock_guard lock(mutex_);
  list_ = list;
}

std::expected<std::optional<BlockChange>, Error> TopicBlocks::Plan(const BlockCall& call, Timestamp at) const {
  const std::lock_guard lock(mutex_);
  const TopicBlock* block = list_.Find(call.topic);
  if (call.lift) {
    if (block == nullptr) return std::unexpected(Error{"not_found", "This tag is not blocked."});
    if (block->configured) {
      return std::unexpected(Error{"blocked_by_configuration",
                                   "The configuration blocks this tag: only a restart without it there lifts that.",
                                   "tag"});
    }
  } else {
    if (block != nullptr) return std::nullopt;
    if (list_.all().size() >= kTopicsMax) {
      return std::unexpected(
          Error{"too_many_blocks", "At most " + std::to_string(kTopicsMax) + " topics may be blocked.", "tag"});
    }
  }
  return BlockChange{.topic = call.topic, .lifted = call.lift, .configured = false, .at = at, .by = call.by};
}

std::vector<BlockChange> TopicBlocks::PlanConfigured(std::span<const std::string> topics, Timestamp at) const {
  std::vector<BlockChange> changes;
  const std::lock_guard lock(mutex_);
  for (const std::string& topic : topics) {
    const TopicBlock* block = list_.Find(topic);
    if (topic.empty() || (block != nullptr && block->configured)) continue;
    changes.push_back({.topic = topic, .lifted = false, .configured = true, .at = at, .by = {}});
  }
  for (const auto& [topic, block] : list_.all()) {
    if (!block.configured || std::ranges::find(topics, topic) != topics.end()) continue;
    changes.push_back({.topic = topic, .lifted = true, .configured = true, .at = at, .by = {}});
  }
  return changes;
}

void TopicBlocks::Apply(const BlockChange& change) {
  const std::lock_guard lock(mutex_);
  list_.Apply(change);
}

std::optional<TopicBlock> TopicBlocks::Find(std::string_view topic) const {
  const std::lock_guard lock(mutex_);
  const TopicBlock* block = list_.Find(topic);
  return block == nullptr ? std::nullopt : std::optional(*block);
}

std::map<std::string, TopicBlock, std::less<>> TopicBlocks::All() const {
  const std::lock_guard lock(mutex_);
  return list_.all();
}

}  // namespace tagswell
