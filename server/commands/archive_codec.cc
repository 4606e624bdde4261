#include "server/commands/archive_codec.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>

namespace tagswell {
namespace {

class PlainCodec final : public ArchiveCodec {
 public:
  Step Decode(std::string_view input, std::span<char> room) override {
    const std::size_t bytes = std::min(input.size(), room.size());
    if (bytes > 0) std::memcpy(room.data(), input.data(), bytes);
    return {.consumed = bytes, .produced = bytes};
  }
  bool AtBoundary() const override { return true; }
};

class GzipCodec final : public ArchiveCodec {
 public:
  GzipCodec() { ok_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }  // 15: the largest window; 16: gzip framing
  ~GzipCodec() override { inflateEnd(&stream_); }
  GzipCodec(const GzipCodec&) = delete;
  GzipCodec& operator=(const GzipCodec&) = delete;

  Step Decode(std::string_view input, std::span<char> room) override {
    if (ended_ && !input.empty()) {  // members follow one another
      ok_ = ok_ && inflateReset(&stream_) == Z_OK;
      ended_ = false;
    }
    if (!ok_) return {.malformed = true};
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(room.data());
    stream_.avail_out = static_cast<uInt>(room.size());
    const int result = ended_ ? Z_OK : inflate(&stream_, Z_NO_FLUSH);
    ended_ = ended_ || result == Z_STREAM_END;
    ok_ = result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
    return {
        .consumed = input.size() - stream_.avail_in, .produced = room.size() - stream_.avail_out, .malformed = !ok_};
  }
  bool AtBoundary() const override { return ended_; }

 private:
  z_stream stream_ = {};
  bool ok_ = false;
  bool ended_ = false;
};

class ZstdCodec final : public ArchiveCodec {
 public:
  // Archives are the operator's own: windows of `zstd --long=31` are taken, too.
  ZstdCodec() : stream_(ZSTD_createDStream()) { ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, 31); }
  ~ZstdCodec() override { ZSTD_freeDStream(stream_); }
  ZstdCodec(const ZstdCodec&) = delete;
  ZstdCodec& operator=(const ZstdCodec&) = delete;

  Step Decode(std::string_view input, std::span<char> room) override {
    ZSTD_inBuffer in = {input.data(), input.size(), 0};
    ZSTD_outBuffer out = {room.data(), room.size(), 0};
    const std::size_t hint = ZSTD_decompressStream(stream_, &out, &in);
    if (ZSTD_isError(hint) != 0) return {.malformed = true};
    if (in.pos > 0 || out.pos > 0) ended_ = hint == 0;
    return {.consumed = in.pos, .produced = out.pos};
  }
  bool AtBoundary() const override { return ended_; }

 private:
  ZSTD_DStream* const stream_;
  bool ended_ = false;
};

// A frame, or one that readers skip: parallel compressors put those in front.
bool IsZstd(std::string_view bytes) {
  return bytes.starts_with("\x28\xB5\x2F\xFD") ||
         (bytes.size() >= 4 && (bytes[0] & 0xF0) == 0x50 && bytes.substr(1, 3) == "\x2A\x4D\x18");
}

}  // namespace

std::unique_ptr<ArchiveCodec> ArchiveCodec::For(std::string_view first_bytes) {
  if (first_bytes.starts_with("\x1F\x8B")) return std::make_unique<GzipCodec>();
  if (IsZstd(first_bytes)) return std::make_unique<ZstdCodec>();
  return std::make_unique<PlainCodec>();
}

}  // namespace tagswell
