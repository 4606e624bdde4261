// Cuts a fuzzer's bytes into pieces, as a network does: a reader must understand the same whatever the cuts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace tagswell {

inline void Require(bool condition) {
  if (!condition) std::abort();
}

// Takes one piece of one to eight bytes off the front of `bytes`; `state` makes the sizes differ.
inline std::string_view TakePiece(std::string_view& bytes, std::uint32_t& state) {
  state = state * 1'664'525 + 1'013'904'223;
  const std::size_t size = std::min<std::size_t>((state >> 24) % 8 + 1, bytes.size());
  const std::string_view piece = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return piece;
}

}  // namespace tagswell
