// A small seeded generator whose numbers are the same on every machine and standard library (SplitMix64).
// Not for secrets. Not thread-safe.
#pragma once

#include <cstdint>

namespace tagswell {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

  // In [0, bound); bound must not be 0. The bias is below bound / 2^64.
  std::uint64_t Below(std::uint64_t bound) { return Next() % bound; }

  // In [0, 1).
  double Uniform() { return static_cast<double>(Next() >> 11U) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

}  // namespace tagswell
