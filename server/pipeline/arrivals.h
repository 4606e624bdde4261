// Bodies of posts that were let in by their heads and are still on their way: what the queue has to keep room for. Were
// they not counted, every head that comes while a full queue is being taken would be let in, and most of those bodies
// read in vain. How many posts a body will hold is guessed from those before it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>

#include "proto/time.h"

namespace tagswell {

// Thread-safe; every call takes constant time. `now` is of one clock that never goes back.
class Arrivals {
 public:
  struct Coming {
    std::uint64_t posts = 0;  // about
    std::uint64_t bytes = 0;  // as sent

    Coming& operator+=(const Coming& other) {
      posts += other.posts;
      bytes += other.bytes;
      return *this;
    }
  };

  // A body of that many bytes is on its way. It counts until what is returned is let go of, from any thread and also
  // after the end of Arrivals, and no longer than one to two seconds: who sends slowly keeps no room from others.
  std::shared_ptr<const void> Expect(std::uint64_t bytes, Timestamp now);

  // A body of so many bytes held so many posts.
  void Learn(std::uint64_t bytes, std::uint64_t posts);

  Coming At(Timestamp now) const;

 private:
  struct Second {
    std::chrono::sys_seconds begin{};
    Coming coming;
  };
  struct Counts {
    std::mutex mutex;
    std::array<Second, 2> seconds;  // each at its parity
    double bytes_a_post = 300;
  };
  class Body;

  static Second& SlotOf(Counts& counts, std::chrono::sys_seconds second);

  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

}  // namespace tagswell
