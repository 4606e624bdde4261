// A page of a key file: up to kKeyPageMax sorted keys of one stretch with their positions, each row in as few bits as
// the page's largest needs. Layout: docs/storage-format.md, "Ids".
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/post_key.h"
#include "storage/log_block.h"

namespace tagswell {

// 80 bits of a PostKey: what key files keep. The chance that a new key is taken for one of 200 million seen ones is
// below 2e-16.
struct ShortKey {
  static constexpr std::size_t kBytes = 10;

  std::uint64_t high = 0;
  std::uint16_t low = 0;
  static ShortKey Of(const PostKey& key) {
    return {.high = key.high, .low = static_cast<std::uint16_t>(key.low >> 48)};
  }
  friend auto operator<=>(const ShortKey&, const ShortKey&) = default;
};

// A position as one number: 40 bits of block, 24 of index.
using PackedPosition = std::uint64_t;
constexpr PackedPosition Pack(Position position) {
  return (static_cast<std::uint64_t>(position.block) << 24) | position.index;
}
constexpr Position Unpack(PackedPosition packed) {
  return {.block = BlockSeq{packed >> 24}, .index = static_cast<std::uint32_t>(packed & 0xffffff)};
}

struct KeyEntry {
  ShortKey key;
  PackedPosition offset = 0;  // blocks from the stretch's first one (24 bits), index in the block (24 bits)
};

inline constexpr std::size_t kKeyPageMax = 256;

// At least one entry.
void EncodeKeyPage(std::span<const KeyEntry> sorted, std::string& out);

// False when the bytes are not a page.
bool DecodeKeyPage(std::string_view page, std::vector<KeyEntry>& out);

// The offset of `key` in a page, if it is there. O(log kKeyPageMax).
std::optional<PackedPosition> FindInKeyPage(std::string_view page, ShortKey key);

}  // namespace tagswell
