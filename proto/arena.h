// Holds the bytes of keys while a request is parsed. Views into it stay valid until Clear(), which keeps the memory.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace tagswell {

class Arena {
 public:
  std::string_view Copy(std::string_view bytes);

  // Room for up to `bytes_max` bytes that the caller writes; only what Keep() names stays taken. One at a time.
  char* Room(std::size_t bytes_max);
  std::string_view Keep(const char* begin, std::size_t bytes);

  void Clear();

 private:
  static constexpr std::size_t kChunkBytes = 64 * 1024;

  std::vector<std::unique_ptr<char[]>> chunks_;
  std::vector<std::unique_ptr<char[]>> large_;  // one allocation each: bigger than a chunk
  std::size_t chunk_ = 0;
  std::size_t used_ = 0;
};

}  // namespace tagswell
