// A HyperLogLog of 2^14 registers over 40-bit author hashes: standard error 0.8 %. Sketches add up: the union of two
// sets has the register-wise greater rank.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace tagswell {

// The history keeps 40 bits of an AuthorHash: a million authors in one window collide about half a time.
inline constexpr int kAuthorBits = 40;
constexpr std::uint64_t AuthorCode(std::uint64_t author_hash) {
  return author_hash >> (64 - kAuthorBits);
}

class AuthorSketch {
 public:
  static constexpr int kRegisterBits = 14;
  static constexpr std::uint32_t kRegisters = 1U << kRegisterBits;
  static constexpr std::uint8_t kRankMax = kAuthorBits - kRegisterBits + 1;

  struct Entry {
    std::uint32_t place;  // below kRegisters
    std::uint8_t rank;    // 1..kRankMax
  };
  static constexpr Entry EntryOf(std::uint64_t author_code) {
    constexpr int kRest = kAuthorBits - kRegisterBits;
    const std::uint64_t rest = author_code & ((1ULL << kRest) - 1);
    return {.place = static_cast<std::uint32_t>(author_code >> kRest),
            .rank = static_cast<std::uint8_t>(kRest - std::bit_width(rest) + 1)};
  }

  void Add(Entry entry) {
    std::uint8_t& rank = ranks_[entry.place];
    if (entry.rank > rank) rank = entry.rank;
  }

  // How many registers have which rank.
  using RankCounts = std::array<std::uint32_t, kRankMax + 1>;

  // Ertl's estimator (2017): no bias at either end, no table of corrections.
  static double EstimateOf(const RankCounts& counts);
  double Estimate() const;

 private:
  std::array<std::uint8_t, kRegisters> ranks_{};
};

}  // namespace tagswell
