// Zeroed memory for tables that are read at random places: on huge pages where it is large, which spares a TLB miss
// beside each cache miss.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace tagswell {

// Asks for huge pages where [memory, memory + bytes) holds whole ones. What is touched first afterwards costs one fault
// for 2 MiB, not 512.
inline void PreferHugePages(void* memory, std::size_t bytes) {
  constexpr std::uintptr_t kPageBytes = 4096;
  const auto begin = (reinterpret_cast<std::uintptr_t>(memory) + kPageBytes - 1) / kPageBytes * kPageBytes;
  const auto end = (reinterpret_cast<std::uintptr_t>(memory) + bytes) / kPageBytes * kPageBytes;
  if (begin < end) (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

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
  if (huge) PreferHugePages(memory, bytes);
  T* elements = static_cast<T*>(memory);
  std::fill_n(elements, count, T{});
  return std::unique_ptr<T[], FreeMemory>(elements);
}

}  // namespace tagswell
