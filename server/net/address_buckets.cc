#include "server/net/address_buckets.h"

#include <xxhash.h>

#include <random>

namespace tagswell {
namespace {

std::uint64_t DrawKey() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

AddressBuckets::AddressBuckets(Rate rate) : rate_(rate), key_(DrawKey()), rows_(2 * kRowBuckets) {}

AddressBuckets::Pair AddressBuckets::BucketsOf(std::uint64_t site) {
  const std::uint64_t hash = XXH3_64bits_withSeed(&site, sizeof site, key_);
  return {&rows_[hash % kRowBuckets], &rows_[kRowBuckets + (hash >> 32) % kRowBuckets]};
}

// No bucket is filled further than the address itself has used: what is there came of others.
void AddressBuckets::Charge(const Pair& pair, Rate::Time now, std::uint64_t count) {
  const Rate::Time full_at = rate_.Taken(FullAt(pair), now, count);
  for (Rate::Time* bucket : pair) *bucket = std::max(*bucket, full_at);
}

Rate::Time AddressBuckets::Wait(std::uint64_t site, Rate::Time now) {
  const std::lock_guard lock(mutex_);
  return rate_.Wait(FullAt(BucketsOf(site)), now);
}

Rate::Time AddressBuckets::Take(std::uint64_t site, Rate::Time now) {
  const std::lock_guard lock(mutex_);
  const Pair pair = BucketsOf(site);
  const Rate::Time wait = rate_.Wait(FullAt(pair), now);
  if (wait == Rate::Time(0)) Charge(pair, now, 1);
  return wait;
}

void AddressBuckets::Owe(std::uint64_t site, Rate::Time now, std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  Charge(BucketsOf(site), now, count);
}

}  // namespace tagswell
