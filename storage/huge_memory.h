// Zeroed memory for tables that are read at random places: on huge pages where it is large, which spares a TLB miss
// beside each cache miss.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace tagswell {

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

// `count` zeroed elements, each on its own cache line when it is as large as one. T must be trivial.
template <typename T>
std::unique_ptr<T[], FreeMemory> ZeroedMemory(std::size_t count) {
  constexpr std::size_t kHugePageBytes = 2ULL << 20;
  constexpr std::size_t kCacheLineBytes = 64;
  const bool huge = count * sizeof(T) >= kHugePageBytes;
  const std::size_t alignment = huge ? kHugePageBytes : kCacheLineBytes;
  const std::size_t bytes = (std::max<std::size_t>(1, count * sizeof(T)) + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, bytes);
  if (memory == nullptr) throw std::bad_alloc();
  if (huge) (void)::madvise(memory, bytes, MADV_HUGEPAGE);
  T* elements = static_cast<T*>(memory);
  std::fill_n(elements, count, T{});
  return std::unique_ptr<T[], FreeMemory>(elements);
}

}  // namespace tagswell
