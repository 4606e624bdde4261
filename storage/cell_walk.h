// Walks over the stored form of a cell (docs/storage-format.md, "History") without keeping it. Internal to storage/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "storage/author_sketch.h"
#include "storage/byte_order.h"
#include "storage/history_cell.h"

namespace tagswell {

inline constexpr std::uint8_t kCoarseFlag = 0x40;
inline constexpr std::uint32_t kMinutesOfCell = 60;
inline constexpr std::size_t kAuthorBytes = kAuthorBits / 8;

inline std::uint64_t TakeAuthor(std::string_view& bytes) {
  std::uint64_t code = 0;
  for (std::size_t i = 0; i < kAuthorBytes; ++i) code = (code << 8) | static_cast<unsigned char>(bytes[i]);
  bytes.remove_prefix(kAuthorBytes);
  return code;
}

// The visitor is told Exact(row), Coarse(minute), CoarsePosts(row), Register(entry), in the order they stand.
template <class Visitor>
bool WalkExactMinute(std::uint32_t minute, std::uint64_t combos, std::string_view& bytes, Visitor& visitor) {
  std::uint64_t combo = 0;
  for (std::uint64_t c = 0; c < combos; ++c) {
    const auto step = TakeVarint(bytes);
    const auto rows = TakeVarint(bytes);
    if (!step || !rows || *step >= kCombosMax || *rows > bytes.size()) return false;
    combo += *step;
    if (combo >= kCombosMax) return false;
    for (std::uint64_t r = 0; r < *rows; ++r) {
      if (bytes.size() <= kAuthorBytes) return false;
      const std::uint64_t author = TakeAuthor(bytes);
      const auto posts = TakeVarint(bytes);
      if (!posts) return false;
      visitor.Exact(CellRow{CellKey::Of(minute, static_cast<std::uint32_t>(combo), author), UnZigZag(*posts)});
    }
  }
  return true;
}

template <class Visitor>
bool WalkCoarseMinute(std::uint32_t minute, std::uint64_t combos, std::string_view& bytes, Visitor& visitor) {
  visitor.Coarse(minute);
  for (std::uint64_t c = 0; c < combos; ++c) {
    const auto combo = TakeVarint(bytes);
    const auto posts = TakeVarint(bytes);
    if (!combo || !posts || *combo >= kCombosMax) return false;
    visitor.CoarsePosts(CellRow{CellKey::Of(minute, static_cast<std::uint32_t>(*combo), 0), UnZigZag(*posts)});
  }
  const auto registers = TakeVarint(bytes);
  if (!registers || *registers > bytes.size()) return false;
  std::uint64_t place = 0;
  for (std::uint64_t r = 0; r < *registers; ++r) {
    const auto step = TakeVarint(bytes);
    if (!step || *step >> (kComboBits + AuthorSketch::kRegisterBits) != 0 || bytes.empty()) return false;
    place += *step;
    const auto rank = static_cast<std::uint8_t>(bytes[0]);
    bytes.remove_prefix(1);
    const std::uint64_t combo = place >> AuthorSketch::kRegisterBits;
    if (combo >= kCombosMax || rank == 0 || rank > AuthorSketch::kRankMax) return false;
    visitor.Register(CellRegister{
        CellKey::Of(minute, static_cast<std::uint32_t>(combo), place & (AuthorSketch::kRegisters - 1)), rank});
  }
  return true;
}

// False when the bytes are not a cell; what was visited is then not to be used.
template <class Visitor>
bool WalkCell(std::string_view bytes, Visitor& visitor) {
  while (!bytes.empty()) {
    const auto head = static_cast<std::uint8_t>(bytes[0]);
    bytes.remove_prefix(1);
    const std::uint32_t minute = head & ~std::uint32_t{kCoarseFlag};
    if (minute >= kMinutesOfCell) return false;
    const auto combos = TakeVarint(bytes);
    if (!combos || *combos > bytes.size()) return false;
    const bool walked = (head & kCoarseFlag) == 0 ? WalkExactMinute(minute, *combos, bytes, visitor)
                                                  : WalkCoarseMinute(minute, *combos, bytes, visitor);
    if (!walked) return false;
  }
  return true;
}

}  // namespace tagswell
