#include "storage/block_format.h"

#include <lz4.h>
#include <xxhash.h>

#include <cassert>

#include "storage/byte_order.h"

namespace tagswell {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kLz4RatioMax = 255;  // no LZ4 block unpacks to more than so many times its size

enum class Codec : std::uint8_t { kPlain = 0, kLz4 = 1 };

constexpr std::size_t kChecksumAt = 36;
constexpr std::size_t kHeaderBytes = 44;

std::uint64_t Checksum(BlockSeq seq, std::string_view bytes) {
  const XXH64_hash_t header = XXH3_64bits_withSeed(bytes.data(), kChecksumAt, static_cast<std::uint64_t>(seq));
  const std::string_view payload = bytes.substr(kHeaderBytes);
  return XXH3_64bits_withSeed(payload.data(), payload.size(), header);
}

std::unexpected<Error> Corrupt(BlockSeq seq, const char* what) {
  return std::unexpected(Error{.code = "corrupt_block",
                               .detail = "log block " + std::to_string(static_cast<std::uint64_t>(seq)) + ": " + what});
}

std::expected<std::string, Error> Unpack(BlockSeq seq, Codec codec, std::string_view packed, std::size_t size) {
  std::string records;
  if (codec == Codec::kPlain) {
    if (packed.size() != size) return Corrupt(seq, "the size does not match");
    records.assign(packed);
    return records;
  }
  if (codec != Codec::kLz4) return Corrupt(seq, "unknown codec");
  if (size > (packed.size() + 1) * kLz4RatioMax) return Corrupt(seq, "the size does not match");
  records.resize_and_overwrite(size, [&](char* out, std::size_t) {
    const int got = LZ4_decompress_safe(packed.data(), out, static_cast<int>(packed.size()), static_cast<int>(size));
    return got < 0 ? std::size_t{0} : static_cast<std::size_t>(got);
  });
  if (records.size() != size) return Corrupt(seq, "the records do not unpack");
  return records;
}

// Appends the packed records; leaves `out` alone and answers false when that would not make them smaller.
bool Pack(std::string_view records, std::string& out) {
  const std::size_t before = out.size();
  const int room = LZ4_compressBound(static_cast<int>(records.size()));
  int packed = 0;
  out.resize_and_overwrite(before + static_cast<std::size_t>(room), [&](char* bytes, std::size_t) {
    packed = LZ4_compress_default(records.data(), bytes + before, static_cast<int>(records.size()), room);
    const bool smaller = packed > 0 && static_cast<std::size_t>(packed) < records.size();
    if (!smaller) packed = 0;
    return before + static_cast<std::size_t>(packed);
  });
  return packed > 0;
}

}  // namespace

void EncodeBlock(const LogBlock& block, AcceptedPosts accepted, std::string& out) {
  assert(block.size() <= kBlockPostsMax && block.records.size() <= kBlockBytesMax);
  out.assign(kHeaderBytes, '\0');
  const Codec codec = Pack(block.records, out) ? Codec::kLz4 : Codec::kPlain;
  if (codec == Codec::kPlain) out.append(block.records);
  const std::size_t lengths_at = out.size();
  std::uint32_t begin = 0;
  for (const std::uint32_t end : block.ends) {
    AppendVarint(end - begin, out);
    begin = end;
  }

  std::string header;
  header.push_back(static_cast<char>(kVersion));
  header.push_back(static_cast<char>(codec));
  AppendLittle<std::uint16_t>(0, header);
  AppendLittle(static_cast<std::uint32_t>(block.size()), header);
  AppendLittle(static_cast<std::uint32_t>(block.records.size()), header);
  AppendLittle(static_cast<std::uint32_t>(out.size() - lengths_at), header);
  AppendLittle(static_cast<std::int64_t>(block.clock.time_since_epoch().count()), header);
  AppendLittle(accepted.posts_before, header);
  AppendLittle(accepted.posts, header);
  out.replace(0, kChecksumAt, header);
  std::string checksum;
  AppendLittle(Checksum(block.seq, out), checksum);
  out.replace(kChecksumAt, checksum.size(), checksum);
}

std::expected<BlockHeader, Error> DecodeBlockHeader(BlockSeq seq, std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return Corrupt(seq, "the header is cut off");
  if (LoadLittle<std::uint64_t>(bytes.substr(kChecksumAt)) != Checksum(seq, bytes)) {
    return Corrupt(seq, "the checksum does not match");
  }
  if (static_cast<std::uint8_t>(bytes[0]) != kVersion) return Corrupt(seq, "unknown version");
  return BlockHeader{.count = LoadLittle<std::uint32_t>(bytes.substr(4)),
                     .clock = Timestamp{Duration{LoadLittle<std::int64_t>(bytes.substr(16))}},
                     .posts = LoadLittle<std::uint32_t>(bytes.substr(32)),
                     .posts_before = LoadLittle<std::uint64_t>(bytes.substr(24))};
}

std::expected<LogBlock, Error> DecodeBlock(BlockSeq seq, std::string_view bytes) {
  const auto header = DecodeBlockHeader(seq, bytes);
  if (!header) return std::unexpected(header.error());
  const auto records_bytes = LoadLittle<std::uint32_t>(bytes.substr(8));
  const auto lengths_bytes = LoadLittle<std::uint32_t>(bytes.substr(12));
  if (records_bytes > kBlockBytesMax || header->count > kBlockPostsMax || lengths_bytes < header->count ||
      lengths_bytes > 5ULL * header->count) {
    return Corrupt(seq, "the header is out of bounds");
  }
  std::string_view payload = bytes.substr(kHeaderBytes);
  if (lengths_bytes > payload.size()) return Corrupt(seq, "the header is out of bounds");
  std::string_view lengths = payload.substr(payload.size() - lengths_bytes);
  payload.remove_suffix(lengths_bytes);
  auto records = Unpack(seq, Codec{static_cast<std::uint8_t>(bytes[1])}, payload, records_bytes);
  if (!records) return std::unexpected(records.error());

  LogBlock block{.seq = seq, .clock = header->clock, .records = std::move(*records), .ends = {}};
  block.ends.reserve(header->count);
  std::uint64_t end = 0;
  for (std::uint32_t i = 0; i < header->count; ++i) {
    const auto length = TakeVarint(lengths);
    if (!length || *length > records_bytes - end) return Corrupt(seq, "a record's length is out of bounds");
    end += *length;
    block.ends.push_back(static_cast<std::uint32_t>(end));
  }
  if (end != records_bytes || !lengths.empty()) return Corrupt(seq, "the lengths do not match");
  return block;
}

}  // namespace tagswell
