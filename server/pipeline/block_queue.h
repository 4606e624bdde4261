// Committed blocks on their way to the engine or the indexer, in order, with errands that run between two blocks.
// Bounded in posts: a full queue makes the writer wait, which fills the writer's own queue, which answers 429.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>

#include "storage/log_block.h"

namespace tagswell {

class BlockQueue {
 public:
  using Block = std::shared_ptr<const LogBlock>;
  using Errand = std::move_only_function<void()>;

  explicit BlockQueue(std::size_t posts_max) : posts_max_(posts_max) {}

  // Waits while the queue is full.
  void PutBlock(Block block);

  // Errands overtake blocks. Dropped after Close().
  void PutErrand(Errand errand);

  // Waits for the next thing. nullopt: closed and empty.
  // A small block that comes to an empty queue waits a moment for others: a wake-up costs more than a few posts.
  std::optional<std::variant<Block, Errand>> Take();

  // An errand that waits; nullopt when there is none. Never waits.
  std::optional<Errand> TakeErrand();

  // The block that Take gave last is dealt with.
  void Done();

  // Waits until every block that was put is dealt with.
  void Drain();

  void Close();

 private:
  static constexpr std::chrono::milliseconds kGatherTime{2};
  static constexpr std::size_t kGatherPosts = 1'000;

  bool Gathered() const;  // what waits is worth a wake-up

  const std::size_t posts_max_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable emptied_;
  std::deque<Block> blocks_;
  std::deque<Errand> errands_;
  std::size_t posts_ = 0;
  bool busy_ = false;
  bool closed_ = false;
};

}  // namespace tagswell
