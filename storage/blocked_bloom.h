// A Bloom filter of cache lines: all eight bits of a key lie in one line of 512, one in each of its eight words, so
// that a key costs one memory access. At 16 bits a key about one key in a thousand is a false match. Memory is fixed at
// construction. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "storage/huge_memory.h"

namespace tagswell {

class BlockedBloom {
 public:
  // A key's place and pattern. Both must be spread evenly over their 64 bits.
  struct Hash {
    std::uint64_t line = 0;
    std::uint64_t bits = 0;
  };

  static constexpr std::uint64_t kBytesPerKey = 2;

  // At least one line.
  explicit BlockedBloom(std::uint64_t keys_max);

  void Add(Hash hash);
  bool MayContain(Hash hash) const;  // no false negatives
  void Prefetch(Hash hash) const { __builtin_prefetch(&lines_[LineOf(hash)]); }

  std::uint64_t memory_bytes() const { return line_count_ * sizeof(Line); }

 private:
  using Line = std::array<std::uint64_t, 8>;

  // The high half of the product: an even spread over any number of lines without a division.
  std::size_t LineOf(Hash hash) const {
    return static_cast<std::size_t>((static_cast<__uint128_t>(hash.line) * line_count_) >> 64);
  }

  std::uint64_t line_count_;
  std::unique_ptr<Line[], FreeMemory> lines_;
};

}  // namespace tagswell
