#include "storage/block_format.h"

#include <xxhash.h>
#include <zstd.h>

#include <cassert>
#include <memory>

#include "storage/byte_order.h"

namespace tagswell {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr int kZstdLevel = 1;
constexpr std::size_t kCompressFromBytes = 128;  // below it zstd's frame costs more than it saves

enum class Codec : std::uint8_t { kPlain = 0, kZstd = 1 };

constexpr std::size_t kChecksumAt = 36;
constexpr std::size_t kHeaderBytes = 44;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

std::uint64_t Checksum(BlockSeq seq, std::string_view bytes) {
  const XXH64_hash_t header = XXH3_64bits_withSeed(bytes.data(), kChecksumAt, static_cast<std::uint64_t>(seq));
  const std::string_view payload = bytes.substr(kHeaderBytes);
  return XXH3_64bits_withSeed(payload.data(), payload.size(), header);
}

std::unexpected<Error> Corrupt(BlockSeq seq, const char* what) {
  return std::unexpected(Error{.code = "corrupt_block",
                               .detail = "log block " + std::to_string(static_cast<std::uint64_t>(seq)) + ": " + what});
}

std::expected<std::string, Error> Unpack(BlockSeq seq, Codec codec, std::string_view payload, std::size_t size) {
  std::string out;
  if (codec == Codec::kPlain) {
    if (payload.size() != size) return Corrupt(seq, "the size does not match");
    out.assign(payload);
    return out;
  }
  if (codec != Codec::kZstd) return Corrupt(seq, "unknown codec");
  // The size is a stranger's word until the frame confirms it.
  if (ZSTD_getFrameContentSize(payload.data(), payload.size()) != size) return Corrupt(seq, "the size does not match");
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  out.resize(size);
  const std::size_t got = ZSTD_decompressDCtx(context.get(), out.data(), size, payload.data(), payload.size());
  if (ZSTD_isError(got) != 0 || got != size) return Corrupt(seq, "the records do not unpack");
  return out;
}

}  // namespace

void EncodeBlock(const LogBlock& block, AcceptedPosts accepted, std::string& out) {
  assert(block.size() <= kBlockPostsMax && block.records.size() <= kBlockBytesMax);
  std::string plain;
  plain.reserve(block.records.size() + block.size() * 3);
  plain.append(block.records);
  std::uint32_t begin = 0;
  for (const std::uint32_t end : block.ends) {
    AppendVarint(end - begin, plain);
    begin = end;
  }

  out.assign(kHeaderBytes, '\0');
  Codec codec = Codec::kPlain;
  if (plain.size() >= kCompressFromBytes) {
    thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    out.resize(kHeaderBytes + ZSTD_compressBound(plain.size()));
    const std::size_t packed = ZSTD_compressCCtx(context.get(), out.data() + kHeaderBytes, out.size() - kHeaderBytes,
                                                 plain.data(), plain.size(), kZstdLevel);
    if (ZSTD_isError(packed) == 0 && packed < plain.size()) {
      codec = Codec::kZstd;
      out.resize(kHeaderBytes + packed);
    }
  }
  if (codec == Codec::kPlain) {
    out.resize(kHeaderBytes);
    out.append(plain);
  }

  std::string header;
  header.push_back(static_cast<char>(kVersion));
  header.push_back(static_cast<char>(codec));
  AppendLittle<std::uint16_t>(0, header);
  AppendLittle(static_cast<std::uint32_t>(block.size()), header);
  AppendLittle(static_cast<std::uint32_t>(block.records.size()), header);
  AppendLittle(static_cast<std::uint32_t>(plain.size() - block.records.size()), header);
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
  auto plain = Unpack(seq, Codec{static_cast<std::uint8_t>(bytes[1])}, bytes.substr(kHeaderBytes),
                      std::size_t{records_bytes} + lengths_bytes);
  if (!plain) return std::unexpected(plain.error());

  LogBlock block{.seq = seq, .clock = header->clock, .records = {}, .ends = {}};
  std::string_view lengths = std::string_view(*plain).substr(records_bytes);
  block.ends.reserve(header->count);
  std::uint64_t end = 0;
  for (std::uint32_t i = 0; i < header->count; ++i) {
    const auto length = TakeVarint(lengths);
    if (!length || *length > records_bytes - end) return Corrupt(seq, "a record's length is out of bounds");
    end += *length;
    block.ends.push_back(static_cast<std::uint32_t>(end));
  }
  if (end != records_bytes || !lengths.empty()) return Corrupt(seq, "the lengths do not match");
  plain->resize(records_bytes);
  block.records = std::move(*plain);
  return block;
}

}  // namespace tagswell
