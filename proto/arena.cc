#include "proto/arena.h"

#include <algorithm>

namespace tagswell {

char* Arena::Room(std::size_t bytes_max) {
  if (bytes_max > kChunkBytes) return large_.emplace_back(std::make_unique_for_overwrite<char[]>(bytes_max)).get();
  if (!chunks_.empty() && kChunkBytes - used_ < bytes_max) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) chunks_.push_back(std::make_unique_for_overwrite<char[]>(kChunkBytes));
  return chunks_[chunk_].get() + used_;
}

std::string_view Arena::Keep(const char* begin, std::size_t bytes) {
  if (chunk_ < chunks_.size() && begin == chunks_[chunk_].get() + used_) used_ += bytes;
  return {begin, bytes};
}

std::string_view Arena::Copy(std::string_view bytes) {
  char* const room = Room(bytes.size());
  std::ranges::copy(bytes, room);
  return Keep(room, bytes.size());
}

void Arena::Clear() {
  large_.clear();
  chunk_ = 0;
  used_ = 0;
}

}  // namespace tagswell
