// Distinct authors of one topic over a window that slides on, minute by minute, as AuthorTally counts them for one:
// exact while no minute of the window is coarse, else the estimate of a HyperLogLog over the same rows. Memory: the
// rows of one window. Not thread-safe.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "proto/time.h"
#include "storage/author_sketch.h"

namespace tagswell {

class SlidingAuthors {
 public:
  explicit SlidingAuthors(int window_minutes);
  ~SlidingAuthors();

  // Someone used the topic in `minute`. Minutes do not go back. O(1), amortised.
  void AddAuthor(Minute minute, std::uint64_t author_code);
  void AddRegister(Minute minute, AuthorSketch::Entry entry);  // of a coarse minute

  // The authors of [end - window, end). `end` is later than every minute added and never goes back.
  std::uint64_t Count(Minute end);

 private:
  class SlidingSketch;

  struct Seen {
    Minute minute;
    std::uint64_t author_code;
  };

  const int window_minutes_;
  std::deque<Seen> seen_;                                 // of the window, by minute
  absl::flat_hash_map<std::uint64_t, Minute> last_seen_;  // of the window, by author
  Minute last_coarse_{-1'000'000'000};
  std::unique_ptr<SlidingSketch> sketch_;  // from the first coarse minute on
};

}  // namespace tagswell
