#include "storage/block_format.h"

#include <xxhash.h>

#include <cassert>

#include "storage/block_codec.h"
#include "storage/byte_order.h"

namespace tagswell {
namespace {

constexpr std::uint8_t kVersion = 2;
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

// The lengths of the records, where their packed form does not tell them.
void AppendLengths(const LogBlock& block, std::string& out) {
  std::uint32_t begin = 0;
  for (const std::uint32_t end : block.ends) {
    AppendVarint(end - begin, out);
    begin = end;
  }
}

bool TakeLengths(std::string_view lengths, std::uint32_t count, std::size_t bytes, std::vector<std::uint32_t>& ends) {
  if (count > lengths.size()) return false;
  ends.reserve(count);
  std::uint64_t end = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto length = TakeVarint(lengths);
    if (!length || *length > bytes - end) return false;
    end += *length;
    ends.push_back(static_cast<std::uint32_t>(end));
  }
  return end == bytes && lengths.empty();
}

}  // namespace

void EncodeBlock(const LogBlock& block, AcceptedPosts accepted, std::string& out) {
  assert(block.size() <= kBlockPostsMax && block.records.size() <= kBlockBytesMax);
  out.assign(kHeaderBytes, '\0');
  const BlockCodec codec = PackRecords(block, out);
  const std::size_t lengths_at = out.size();
  if (codec != BlockCodec::kColumns) AppendLengths(block, out);

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
  std::string_view payload = bytes.substr(kHeaderBytes);
  if (records_bytes > kBlockBytesMax || header->count > kBlockPostsMax || lengths_bytes > payload.size()) {
    return Corrupt(seq, "the header is out of bounds");
  }
  const std::string_view packed = payload.substr(0, payload.size() - lengths_bytes);
  const BlockCodec codec{static_cast<std::uint8_t>(bytes[1])};
  LogBlock block{.seq = seq, .clock = header->clock, .records = {}, .ends = {}};
  if (!UnpackRecords(codec, packed, header->count, records_bytes, block.records, block.ends)) {
    return Corrupt(seq, "the records do not unpack");
  }
  const std::string_view lengths = payload.substr(packed.size());
  if (codec == BlockCodec::kColumns ? !lengths.empty()
                                    : !TakeLengths(lengths, header->count, records_bytes, block.ends)) {
    return Corrupt(seq, "the lengths do not match");
  }
  return block;
}

}  // namespace tagswell
