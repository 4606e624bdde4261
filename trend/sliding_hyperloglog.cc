#include "trend/sliding_hyperloglog.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numbers>

#include "proto/window.h"

namespace tagswell {
namespace {

constexpr int kMinuteModulo = 2048;
constexpr int kRankBits = 5;
constexpr int kRankMax = 31;

int RankOf(std::uint16_t pair) {
  return pair & kRankMax;
}

// What the empty registers add: the sum of x and of x^(2^k) 2^(k-1) over all k > 0. Infinite when all are empty.
double Sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double sum = x;
  for (double power = x * x, weight = 1; power * weight > sum * 1e-16; power *= power, weight *= 2)
    sum += power * weight;
  return sum;
}

std::uint16_t Pack(Minute minute, int rank) {
  const int slot = static_cast<int>(minute) & (kMinuteModulo - 1);
  return static_cast<std::uint16_t>((slot << kRankBits) | rank);
}

}  // namespace

int SlidingHyperLogLog::AgeOf(std::uint16_t pair) const {
  return (static_cast<int>(newest_) - (pair >> kRankBits)) & (kMinuteModulo - 1);
}

void SlidingHyperLogLog::GoOnTo(Minute minute) {
  if (newest_ != Minute{0}) {
    for (std::size_t i = 0; i < kRegisters; ++i) {
      if (newest_ranks_[i] != 0) Place(registers_[i], newest_, newest_ranks_[i]);
    }
    std::fill(newest_ranks_.begin(), newest_ranks_.end(), std::uint8_t{0});
    // Ages are known modulo 2048 minutes only: drop what leaves the window before the count could wrap.
    const int step = minute - newest_;
    constexpr int kSweepMinutes = (kMinuteModulo - kWindowMinutesMax) / 2;
    if (static_cast<int>(minute) / kSweepMinutes != static_cast<int>(newest_) / kSweepMinutes) {
      for (Register& pairs : registers_) {
        const auto left = [this, step](std::uint16_t pair) {
          return pair == 0 || AgeOf(pair) + step >= kWindowMinutesMax;
        };
        std::fill(std::remove_if(pairs.begin(), pairs.end(), left), pairs.end(), std::uint16_t{0});
      }
    }
  }
  newest_ = minute;
}

void SlidingHyperLogLog::Add(std::uint64_t hash, Minute minute) {
  if (minute > newest_) GoOnTo(minute);
  if (newest_ - minute >= kWindowMinutesMax) return;
  const int rank =
      std::min(kRankMax, std::countl_zero((hash << kPrecision) | (std::uint64_t{1} << (kPrecision - 1))) + 1);
  const std::size_t index = hash >> (64 - kPrecision);
  if (minute == newest_) {
    newest_ranks_[index] = std::max(newest_ranks_[index], static_cast<std::uint8_t>(rank));
  } else {
    Place(registers_[index], minute, rank);
  }
}

void SlidingHyperLogLog::Place(Register& pairs, Minute minute, int rank) {
  const int age = newest_ - minute;
  // Keep newest first with strictly rising ranks: a pair that is older and not higher can never be a maximum again.
  Register merged{};
  std::size_t size = 0;
  int highest = 0;
  bool placed = false;
  const auto push = [&](std::uint16_t pair) {
    if (RankOf(pair) > highest && size < merged.size()) {
      merged[size++] = pair;
      highest = RankOf(pair);
    }
  };
  for (const std::uint16_t pair : pairs) {
    if (pair == 0) break;
    const int pair_age = AgeOf(pair);
    if (!placed && (pair_age > age || (pair_age == age && RankOf(pair) < rank))) {
      push(Pack(minute, rank));
      placed = true;
    }
    push(pair);
  }
  if (!placed) push(Pack(minute, rank));
  pairs = merged;
}

double SlidingHyperLogLog::Estimate(Minute from) const {
  if (from > newest_) return 0;
  std::vector<std::uint8_t> ranks = newest_ranks_;
  const int age_max = newest_ - from;
  for (std::size_t i = 0; i < kRegisters; ++i) {
    for (const std::uint16_t pair : registers_[i]) {
      if (pair == 0 || AgeOf(pair) > age_max) break;
      ranks[i] = std::max(ranks[i], static_cast<std::uint8_t>(RankOf(pair)));
    }
  }
  return HyperLogLogEstimate(ranks);
}

double HyperLogLogEstimate(std::span<const std::uint8_t> ranks) {
  std::array<std::uint32_t, 64> registers_of{};
  for (const std::uint8_t rank : ranks) ++registers_of[std::min<std::size_t>(rank, registers_of.size() - 1)];
  const double m = static_cast<double>(ranks.size());
  double indicator = 0;
  for (std::size_t rank = registers_of.size() - 1; rank > 0; --rank) indicator = (indicator + registers_of[rank]) / 2;
  indicator += m * Sigma(registers_of[0] / m);
  return m * m / (2 * std::numbers::ln2 * indicator);
}

void SlidingHyperLogLog::Save(StateWriter& out) const {
  out.Put(newest_);
  out.PutAll(registers_);
  out.PutAll(newest_ranks_);
}

void SlidingHyperLogLog::Load(StateReader& in) {
  in.Get(newest_);
  in.GetAll(registers_);
  registers_.resize(kRegisters);
  in.GetAll(newest_ranks_);
  newest_ranks_.resize(kRegisters);
}

}  // namespace tagswell
