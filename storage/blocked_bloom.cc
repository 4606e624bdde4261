#include "storage/blocked_bloom.h"

#include <algorithm>

namespace tagswell {
namespace {

constexpr std::uint64_t kBitsPerKey = 8 * BlockedBloom::kBytesPerKey;
constexpr std::uint64_t kLineBits = 512;

}  // namespace

BlockedBloom::BlockedBloom(std::uint64_t keys_max)
    : line_count_(std::max<std::uint64_t>(1, (keys_max * kBitsPerKey + kLineBits - 1) / kLineBits)) {
  lines_ = ZeroedMemory<Line>(line_count_);
}

void BlockedBloom::Add(Hash hash) {
  Line& line = lines_[LineOf(hash)];
  for (unsigned word = 0; word < 8; ++word) line[word] |= 1ULL << ((hash.bits >> (6 * word)) & 63);
}

bool BlockedBloom::MayContain(Hash hash) const {
  const Line& line = lines_[LineOf(hash)];
  std::uint64_t missing = 0;
  for (unsigned word = 0; word < 8; ++word) missing |= ~line[word] & (1ULL << ((hash.bits >> (6 * word)) & 63));
  return missing == 0;
}

}  // namespace tagswell
