#include "storage/key_page.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "storage/byte_order.h"

namespace tagswell {
namespace {

using Wide = __uint128_t;

// The head: count, bits of a key, bits of a block, bits of an index, the first key.
constexpr std::size_t kKeyBitsAt = 2;
constexpr std::size_t kBlockBitsAt = 3;
constexpr std::size_t kIndexBitsAt = 4;
constexpr std::size_t kFirstAt = 5;
constexpr std::size_t kHeadBytes = kFirstAt + ShortKey::kBytes;
constexpr std::size_t kGuardBytes = 8;  // behind the rows: any bit is read by loading eight bytes

constexpr unsigned kOffsetBits = 24;  // of a block and of an index at most
constexpr unsigned kChunkBits = 48;   // of a key are read at once

Wide Join(ShortKey key) {
  return static_cast<Wide>(key.high) << 16 | key.low;
}
ShortKey Split(Wide key) {
  return {.high = static_cast<std::uint64_t>(key >> 16), .low = static_cast<std::uint16_t>(key)};
}
unsigned WidthOf(Wide value) {
  const auto high = static_cast<std::uint64_t>(value >> 64);
  return static_cast<unsigned>(high != 0 ? 64 + std::bit_width(high)
                                         : std::bit_width(static_cast<std::uint64_t>(value)));
}

class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}

  // At most 48 bits.
  void Put(std::uint64_t value, unsigned width) {
    held_ |= static_cast<Wide>(value) << bits_;
    bits_ += width;
    for (; bits_ >= 64; bits_ -= 64, held_ >>= 64) AppendLittle(static_cast<std::uint64_t>(held_), out_);
  }
  void Finish() {
    for (unsigned bits = 0; bits < bits_; bits += 8) out_.push_back(static_cast<char>(held_ >> bits));
  }

 private:
  std::string& out_;
  Wide held_ = 0;
  unsigned bits_ = 0;
};

// A page whose head is sound and whose size is right.
class Page {
 public:
  static std::optional<Page> Read(std::string_view bytes) {
    if (bytes.size() < kHeadBytes + kGuardBytes) return std::nullopt;
    Page page(bytes);
    if (page.key_bits_ > 8 * ShortKey::kBytes || page.block_bits_ > kOffsetBits || page.index_bits_ > kOffsetBits) {
      return std::nullopt;
    }
    const std::size_t rows = (page.count_ * page.RowBits() + 7) / 8;
    if (bytes.size() != kHeadBytes + rows + kGuardBytes) return std::nullopt;
    return page;
  }

  std::size_t count() const { return count_; }

  Wide KeyAt(std::size_t row) const {
    const std::size_t at = row * RowBits();
    if (key_bits_ <= kChunkBits) return first_ + Bits(at, key_bits_);
    return first_ +
           (static_cast<Wide>(Bits(at + kChunkBits, key_bits_ - kChunkBits)) << kChunkBits | Bits(at, kChunkBits));
  }

  PackedPosition OffsetAt(std::size_t row) const {
    const std::size_t at = row * RowBits() + key_bits_;
    return Bits(at, block_bits_) << kOffsetBits | Bits(at + block_bits_, index_bits_);
  }

 private:
  explicit Page(std::string_view bytes)
      : rows_(bytes.data() + kHeadBytes),
        count_(LoadLittle<std::uint16_t>(bytes)),
        key_bits_(static_cast<unsigned char>(bytes[kKeyBitsAt])),
        block_bits_(static_cast<unsigned char>(bytes[kBlockBitsAt])),
        index_bits_(static_cast<unsigned char>(bytes[kIndexBitsAt])),
        first_(Join({.high = LoadLittle<std::uint64_t>(bytes.substr(kFirstAt)),
                     .low = LoadLittle<std::uint16_t>(bytes.substr(kFirstAt + 8))})) {}

  std::size_t RowBits() const { return std::size_t{key_bits_} + block_bits_ + index_bits_; }

  std::uint64_t Bits(std::size_t at, unsigned width) const {
    std::uint64_t loaded = 0;
    std::memcpy(&loaded, rows_ + at / 8, sizeof(loaded));
    return loaded >> (at % 8) & ((std::uint64_t{1} << width) - 1);
  }

  const char* rows_;
  std::size_t count_;
  unsigned key_bits_;
  unsigned block_bits_;
  unsigned index_bits_;
  Wide first_;
};

}  // namespace

void EncodeKeyPage(std::span<const KeyEntry> sorted, std::string& out) {
  assert(!sorted.empty() && sorted.size() <= kKeyPageMax);
  const ShortKey first = sorted.front().key;
  const unsigned key_bits = WidthOf(Join(sorted.back().key) - Join(first));
  std::uint64_t blocks = 0;
  std::uint64_t indexes = 0;
  constexpr std::uint64_t kIndexMask = (std::uint64_t{1} << kOffsetBits) - 1;
  for (const KeyEntry& entry : sorted) {
    blocks |= entry.offset >> kOffsetBits;
    indexes |= entry.offset & kIndexMask;
  }
  const unsigned block_bits = WidthOf(blocks);
  const unsigned index_bits = WidthOf(indexes);
  out.clear();
  AppendLittle(static_cast<std::uint16_t>(sorted.size()), out);
  for (const unsigned bits : {key_bits, block_bits, index_bits}) out.push_back(static_cast<char>(bits));
  AppendLittle(first.high, out);
  AppendLittle(first.low, out);
  BitWriter writer(out);
  for (const KeyEntry& entry : sorted) {
    const Wide key = Join(entry.key) - Join(first);
    const auto low = static_cast<std::uint64_t>(key) & ((std::uint64_t{1} << kChunkBits) - 1);
    writer.Put(low, std::min(key_bits, kChunkBits));
    if (key_bits > kChunkBits) writer.Put(static_cast<std::uint64_t>(key >> kChunkBits), key_bits - kChunkBits);
    writer.Put(entry.offset >> kOffsetBits, block_bits);
    writer.Put(entry.offset & kIndexMask, index_bits);
  }
  writer.Finish();
  out.append(kGuardBytes, '\0');
}

bool DecodeKeyPage(std::string_view page, std::vector<KeyEntry>& out) {
  const auto read = Page::Read(page);
  if (!read) return false;
  out.clear();
  out.reserve(read->count());
  for (std::size_t row = 0; row < read->count(); ++row) {
    out.push_back({.key = Split(read->KeyAt(row)), .offset = read->OffsetAt(row)});
  }
  return true;
}

std::optional<PackedPosition> FindInKeyPage(std::string_view page, ShortKey key) {
  const auto read = Page::Read(page);
  if (!read) return std::nullopt;
  const Wide wanted = Join(key);
  std::size_t begin = 0;
  std::size_t end = read->count();
  while (begin < end) {
    const std::size_t middle = (begin + end) / 2;
    if (read->KeyAt(middle) < wanted) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  if (begin == read->count() || read->KeyAt(begin) != wanted) return std::nullopt;
  return read->OffsetAt(begin);
}

}  // namespace tagswell
