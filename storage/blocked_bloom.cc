#include "storage/blocked_bloom.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace tagswell {
namespace {

constexpr std::uint64_t kBitsPerKey = 16;
constexpr std::uint64_t kLineBits = 512;
constexpr std::size_t kHugePageBytes = 2ULL << 20;

}  // namespace

BlockedBloom::BlockedBloom(std::uint64_t keys_max)
    : line_count_(std::max<std::uint64_t>(1, (keys_max * kBitsPerKey + kLineBits - 1) / kLineBits)) {
  // Huge pages spare a TLB miss beside each cache miss; small filters need none.
  const bool huge = line_count_ * sizeof(Line) >= kHugePageBytes;
  const std::size_t alignment = huge ? kHugePageBytes : sizeof(Line);
  const std::size_t bytes = (line_count_ * sizeof(Line) + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, bytes);
  if (memory == nullptr) throw std::bad_alloc();
  if (huge) (void)::madvise(memory, bytes, MADV_HUGEPAGE);
  lines_.reset(static_cast<Line*>(memory));
  std::fill_n(lines_.get(), line_count_, Line{});
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
