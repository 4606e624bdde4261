#include "storage/block_cache.h"

#include <utility>

namespace tagswell {

std::shared_ptr<const LogBlock> BlockCache::Find(BlockSeq seq) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(seq);
  if (place == places_.end()) return nullptr;
  order_.splice(order_.begin(), order_, place->second);
  return order_.front();
}

void BlockCache::Insert(std::shared_ptr<const LogBlock> block) {
  const std::uint64_t bytes = BytesOf(*block);
  if (bytes > bytes_max_) return;
  const std::lock_guard lock(mutex_);
  EraseLocked(block->seq);
  order_.push_front(std::move(block));
  places_[order_.front()->seq] = order_.begin();
  bytes_ += bytes;
  while (bytes_ > bytes_max_) EraseLocked(order_.back()->seq);
}

void BlockCache::Erase(BlockSeq seq) {
  const std::lock_guard lock(mutex_);
  EraseLocked(seq);
}

void BlockCache::EraseLocked(BlockSeq seq) {
  const auto place = places_.find(seq);
  if (place == places_.end()) return;
  bytes_ -= BytesOf(**place->second);
  order_.erase(place->second);
  places_.erase(place);
}

}  // namespace tagswell
