// A bucket for each address that ever asks, in a fixed piece of memory: a count-min sketch of buckets. An address
// stands in two of them, by a keyed hash, and has what the fuller one holds. So it never gets more than its rate; it
// gets less only where both its buckets are shared with addresses that empty theirs, which takes tens of thousands of
// them.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

#include "server/net/rate_bucket.h"

namespace tagswell {

// Thread-safe.
class AddressBuckets {
 public:
  static constexpr std::size_t kRowBuckets = 1 << 16;  // two rows: 1 MiB

  // The key is drawn: nobody can choose addresses that share a bucket with another's.
  explicit AddressBuckets(Rate rate);

  // As Rate::Wait: how long until `site` may ask.
  Rate::Time Wait(std::uint64_t site, Rate::Time now);

  // Takes one if there is one; else the answer is how long to wait, and nothing is taken.
  Rate::Time Take(std::uint64_t site, Rate::Time now);

  // Takes `count` whether or not they are there.
  void Owe(std::uint64_t site, Rate::Time now, std::uint64_t count);

 private:
  using Pair = std::array<Rate::Time*, 2>;
  Pair BucketsOf(std::uint64_t site);
  static Rate::Time FullAt(const Pair& pair) { return std::min(*pair[0], *pair[1]); }
  void Charge(const Pair& pair, Rate::Time now, std::uint64_t count);

  const Rate rate_;
  const std::uint64_t key_;
  std::mutex mutex_;
  std::vector<Rate::Time> rows_;
};

}  // namespace tagswell
