#include "storage/key_page.h"

#include <cassert>

#include "storage/byte_order.h"

namespace tagswell {
namespace {

constexpr std::size_t kHeadBytes = 2;
constexpr std::size_t kHighBytes = 8;
constexpr std::size_t kKeyBytes = 12;
constexpr std::size_t kOffsetBytes = 6;
constexpr std::size_t kColumns = kKeyBytes + kOffsetBytes;

std::optional<std::size_t> CountOf(std::string_view page) {
  if (page.size() < kHeadBytes) return std::nullopt;
  const std::size_t count = LoadLittle<std::uint16_t>(page);
  if (page.size() != kHeadBytes + count * kColumns) return std::nullopt;
  return count;
}

// Bytes [begin, begin + size) of row `row`, big endian.
std::uint64_t Load(std::string_view page, std::size_t count, std::size_t row, std::size_t begin, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t column = begin; column < begin + size; ++column) {
    value = (value << 8) | static_cast<unsigned char>(page[kHeadBytes + column * count + row]);
  }
  return value;
}

ShortKey KeyAt(std::string_view page, std::size_t count, std::size_t row) {
  return {.high = Load(page, count, row, 0, kHighBytes),
          .low = static_cast<std::uint32_t>(Load(page, count, row, kHighBytes, kKeyBytes - kHighBytes))};
}

}  // namespace

void EncodeKeyPage(std::span<const KeyEntry> sorted, std::string& out) {
  assert(sorted.size() <= kKeyPageMax);
  const std::size_t count = sorted.size();
  out.clear();
  AppendLittle(static_cast<std::uint16_t>(count), out);
  out.resize(kHeadBytes + count * kColumns);
  const auto store = [&](std::size_t row, std::size_t begin, std::size_t size, std::uint64_t value) {
    for (std::size_t column = begin + size; column-- > begin; value >>= 8) {
      out[kHeadBytes + column * count + row] = static_cast<char>(static_cast<unsigned char>(value));
    }
  };
  for (std::size_t row = 0; row < count; ++row) {
    store(row, 0, kHighBytes, sorted[row].key.high);
    store(row, kHighBytes, kKeyBytes - kHighBytes, sorted[row].key.low);
    store(row, kKeyBytes, kOffsetBytes, sorted[row].offset);
  }
}

bool DecodeKeyPage(std::string_view page, std::vector<KeyEntry>& out) {
  const auto count = CountOf(page);
  if (!count) return false;
  out.clear();
  out.reserve(*count);
  for (std::size_t row = 0; row < *count; ++row) {
    out.push_back({.key = KeyAt(page, *count, row), .offset = Load(page, *count, row, kKeyBytes, kOffsetBytes)});
  }
  return true;
}

std::optional<PackedPosition> FindInKeyPage(std::string_view page, ShortKey key) {
  const auto count = CountOf(page);
  if (!count) return std::nullopt;
  std::size_t begin = 0;
  std::size_t end = *count;
  while (begin < end) {
    const std::size_t middle = (begin + end) / 2;
    if (KeyAt(page, *count, middle) < key) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  if (begin == *count || KeyAt(page, *count, begin) != key) return std::nullopt;
  return Load(page, *count, begin, kKeyBytes, kOffsetBytes);
}

}  // namespace tagswell
