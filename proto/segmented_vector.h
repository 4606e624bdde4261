// A vector that grows without moving what it holds: segments of kSegment elements. Growing a plain one of a hundred
// megabytes touches three hundred, and every page of new memory costs more than filling it. Not thread-safe.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace tagswell {

template <class T, std::size_t kSegment>
  requires std::is_trivially_copyable_v<T> && (std::has_single_bit(kSegment))
class SegmentedVector {
 public:
  SegmentedVector() = default;
  SegmentedVector(SegmentedVector&& other) noexcept
      : segments_(std::move(other.segments_)), size_(std::exchange(other.size_, 0)) {}
  SegmentedVector& operator=(SegmentedVector&& other) noexcept {
    segments_ = std::move(other.segments_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t memory_bytes() const { return segments_.size() * (kSegment * sizeof(T) + sizeof segments_[0]); }

  T& operator[](std::size_t at) { return segments_[at / kSegment][at % kSegment]; }
  const T& operator[](std::size_t at) const { return segments_[at / kSegment][at % kSegment]; }

  void push_back(const T& value) {
    if (size_ == segments_.size() * kSegment) [[unlikely]]
      segments_.push_back(std::make_unique_for_overwrite<T[]>(kSegment));
    (*this)[size_] = value;
    ++size_;
  }
  void pop_back() { --size_; }

  // Calls visit(elements) for the segments, in order.
  template <class Visit>
  void ForEachSegment(Visit visit) const {
    for (std::size_t begin = 0; begin < size_; begin += kSegment)
      visit(std::span<const T>(segments_[begin / kSegment].get(), std::min(kSegment, size_ - begin)));
  }

 private:
  std::vector<std::unique_ptr<T[]>> segments_;
  std::size_t size_ = 0;
};

}  // namespace tagswell
