#include "storage/block_codec.h"

#include <lz4.h>

#include "storage/byte_order.h"
#include "storage/record_columns.h"

namespace tagswell {
namespace {

constexpr std::size_t kLz4RatioMax = 255;              // no LZ4 block unpacks to more than so many times its size
constexpr std::size_t kColumnsFrom = 8;                // fewer records do not pay for the columns' sizes
constexpr std::size_t kColumnsBytesMax = 64ULL << 20;  // a cutter takes seven times as much address space

// What putting a record together may add to the bytes of its columns: the digits of an id and of a time.
constexpr std::size_t kJoinedBytesMax = 32;

void AppendLz4(std::string_view bytes, std::string& out) {
  const std::size_t before = out.size();
  const int room = LZ4_compressBound(static_cast<int>(bytes.size()));
  out.resize_and_overwrite(before + static_cast<std::size_t>(room), [&](char* data, std::size_t) {
    const int packed = LZ4_compress_default(bytes.data(), data + before, static_cast<int>(bytes.size()), room);
    return before + static_cast<std::size_t>(packed);  // never 0: there is room for the worst
  });
}

bool UnpackLz4(std::string_view packed, std::size_t size, std::string& out) {
  if (size > (packed.size() + 1) * kLz4RatioMax) return false;
  out.resize_and_overwrite(size, [&](char* data, std::size_t) {
    const int got = LZ4_decompress_safe(packed.data(), data, static_cast<int>(packed.size()), static_cast<int>(size));
    return got < 0 ? std::size_t{0} : static_cast<std::size_t>(got);
  });
  return out.size() == size;
}

// The sizes of the columns, the packed size of all but the texts, these packed together, and the texts.
bool PackColumns(const LogBlock& block, std::string& out) {
  if (block.size() < kColumnsFrom || block.records.size() > kColumnsBytesMax) return false;
  RecordCutter cutter;
  const auto columns = cutter.Cut(block.records, block.ends);
  if (!columns) return false;
  for (const std::size_t size : columns->sizes) AppendVarint(size, out);
  std::string narrow;
  AppendLz4(columns->narrow, narrow);
  AppendVarint(narrow.size(), out);
  out += narrow;
  AppendLz4(columns->texts, out);
  return true;
}

bool UnpackColumns(std::string_view packed, std::uint32_t count, std::size_t bytes, std::string& records,
                   std::vector<std::uint32_t>& ends) {
  RecordColumns columns;
  std::size_t narrow_size = 0;
  for (std::size_t& size : columns.sizes) {
    const auto taken = TakeVarint(packed);
    if (!taken || *taken > (packed.size() + 1) * kLz4RatioMax) return false;
    size = *taken;
    narrow_size += size;
  }
  const std::size_t texts_size = columns.sizes.back();
  narrow_size -= texts_size;
  const auto narrow_packed = TakeVarint(packed);
  if (!narrow_packed || *narrow_packed > packed.size()) return false;
  if (count > narrow_size || bytes > narrow_size + texts_size + count * kJoinedBytesMax) return false;
  std::string narrow;
  std::string texts;
  if (!UnpackLz4(packed.substr(0, *narrow_packed), narrow_size, narrow)) return false;
  if (!UnpackLz4(packed.substr(*narrow_packed), texts_size, texts)) return false;
  columns.narrow = narrow;
  columns.texts = texts;
  return JoinRecords(columns, count, bytes, records, ends);
}

}  // namespace

BlockCodec PackRecords(const LogBlock& block, std::string& out) {
  const std::size_t before = out.size();
  BlockCodec codec = BlockCodec::kColumns;
  if (!PackColumns(block, out)) {
    out.resize(before);
    codec = BlockCodec::kLz4;
    AppendLz4(block.records, out);
  }
  if (out.size() - before < block.records.size()) return codec;
  out.resize(before);
  out += block.records;
  return BlockCodec::kPlain;
}

bool UnpackRecords(BlockCodec codec, std::string_view packed, std::uint32_t count, std::size_t bytes,
                   std::string& records, std::vector<std::uint32_t>& ends) {
  switch (codec) {
    case BlockCodec::kPlain:
      records = packed;
      return records.size() == bytes;
    case BlockCodec::kLz4:
      return UnpackLz4(packed, bytes, records);
    case BlockCodec::kColumns:
      return UnpackColumns(packed, count, bytes, records, ends);
  }
  return false;
}

}  // namespace tagswell
