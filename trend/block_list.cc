#include "trend/block_list.h"

#include <cstdint>
#include <utility>

namespace tagswell {

void BlockList::Apply(const BlockChange& change) {
  if (change.lifted) {
    if (const auto found = blocks_.find(change.topic); found != blocks_.end()) blocks_.erase(found);
  } else {
    blocks_.insert_or_assign(
        std::string(change.topic),
        TopicBlock{.since = change.at, .by = std::string(change.by), .configured = change.configured});
  }
}

const TopicBlock* BlockList::Find(std::string_view topic) const {
  if (blocks_.empty()) return nullptr;
  const auto found = blocks_.find(topic);
  return found == blocks_.end() ? nullptr : &found->second;
}

void BlockList::Save(StateWriter& out) const {
  out.Put(static_cast<std::uint32_t>(blocks_.size()));
  for (const auto& [topic, block] : blocks_) {
    out.Put(topic);
    out.Put(block.since);
    out.Put(block.by);
    out.Put(block.configured);
  }
}

void BlockList::Load(StateReader& in) {
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    std::string topic;
    TopicBlock block;
    in.Get(topic);
    in.Get(block.since);
    in.Get(block.by);
    in.Get(block.configured);
    blocks_.emplace(std::move(topic), std::move(block));
  }
}

}  // namespace tagswell
