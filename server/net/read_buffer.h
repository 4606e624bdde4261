// Bytes that came and are not yet understood. Small while little comes, up to `bytes_max` while much does: a read that
// fills all room doubles it. One per connection; one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace tagswell {

class ReadBuffer {
 public:
  ReadBuffer(std::size_t bytes_initial, std::size_t bytes_max) : bytes_max_(bytes_max) { Resize(bytes_initial); }

  std::string_view View() const { return {data_.get() + begin_, end_ - begin_}; }
  bool Empty() const { return begin_ == end_; }
  bool Full() const { return end_ - begin_ == bytes_max_; }

  // Room for the next read; empty only when Full().
  std::span<char> Space() {
    if (begin_ == end_) {
      begin_ = end_ = 0;
    } else if (begin_ > 0) {
      std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (grow_ || end_ == capacity_) Resize(std::min(bytes_max_, capacity_ * 2));
    grow_ = false;
    return {data_.get() + end_, capacity_ - end_};
  }
  void Commit(std::size_t bytes) {
    end_ += bytes;
    grow_ = end_ == capacity_ && capacity_ < bytes_max_;
  }
  void Consume(std::size_t bytes) { begin_ += bytes; }

  // Gives memory back while nothing is held: for connections that mostly wait.
  void Shrink(std::size_t bytes) {
    if (!Empty() || capacity_ <= bytes) return;
    begin_ = end_ = 0;
    grow_ = false;
    Resize(bytes);
  }

 private:
  void Resize(std::size_t capacity) {
    if (capacity == capacity_) return;
    auto data = std::make_unique_for_overwrite<char[]>(capacity);
    if (end_ > begin_) std::memcpy(data.get(), data_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    data_ = std::move(data);
    capacity_ = capacity;
  }

  std::size_t bytes_max_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool grow_ = false;
  std::unique_ptr<char[]> data_;
};

}  // namespace tagswell
