// The log blocks that readers asked for last, decompressed; the oldest asked leave first. Thread-safe.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include "storage/log_block.h"

namespace tagswell {

class BlockCache {
 public:
  // Holds at most `bytes_max` bytes of records; a block bigger than that is not kept.
  explicit BlockCache(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  std::shared_ptr<const LogBlock> Find(BlockSeq seq);  // null when it is not held
  void Insert(std::shared_ptr<const LogBlock> block);
  void Erase(BlockSeq seq);

 private:
  using Order = std::list<std::shared_ptr<const LogBlock>>;  // newest first

  static std::uint64_t BytesOf(const LogBlock& block) { return block.records.size() + block.ends.size() * 4; }
  void EraseLocked(BlockSeq seq);

  const std::uint64_t bytes_max_;
  std::mutex mutex_;
  Order order_;
  absl::flat_hash_map<BlockSeq, Order::iterator> places_;
  std::uint64_t bytes_ = 0;
};

}  // namespace tagswell
