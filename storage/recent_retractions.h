// The posts that were taken back last, so that who keeps something he made of posts learns what he has to make anew.
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/log_block.h"

namespace tagswell {

class RecentRetractions {
 public:
  static constexpr std::size_t kMax = 65'536;

  void Add(Position post);

  // How many there were since the store was opened.
  std::uint64_t count() const;

  // Those behind the first `count`, oldest first; nothing when some of them are forgotten.
  std::optional<std::vector<Position>> Since(std::uint64_t count) const;

 private:
  mutable std::mutex mutex_;
  std::deque<Position> posts_;
  std::uint64_t count_ = 0;
};

}  // namespace tagswell
