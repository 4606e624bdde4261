#include "server/net/body_decoder.h"

#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>

namespace tagswell {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
// 8 MiB: what RFC 8878 asks every decoder to take, and all a stranger may make us allocate.
constexpr int kZstdWindowLogMax = 23;

std::unexpected<Error> TooLarge(std::size_t bytes_max) {
  return std::unexpected(
      Error{"body_too_large", "The decoded body is larger than " + std::to_string(bytes_max) + " bytes."});
}

std::unexpected<Error> Malformed(const char* encoding) {
  return std::unexpected(Error{"malformed_encoding", std::string("The body is not valid ") + encoding + "."});
}

// Gives decoders room at the end of `out`, at most one byte more than the limit: that byte proves the excess.
std::size_t GrowFor(std::string& out, std::size_t bytes_max) {
  const std::size_t size = out.size();
  const std::size_t room = std::min(kPieceBytes, bytes_max + 1 - size);
  out.resize(size + room);
  return room;
}

class GzipDecoder final : public BodyDecoder {
 public:
  explicit GzipDecoder(std::size_t bytes_max) : bytes_max_(bytes_max) {
    ok_ = inflateInit2(&stream_, 15 + 16) == Z_OK;  // 15: the format's only window; 16: gzip framing, not zlib's
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  std::expected<void, Error> Feed(std::string_view bytes, std::string& out) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    bool full = false;  // the last call filled its room: more may wait inside
    while (stream_.avail_in > 0 || full) {
      if (ended_) {
        if (stream_.avail_in == 0) break;
        ok_ = ok_ && inflateReset(&stream_) == Z_OK;  // gzip members follow one another
        ended_ = false;
      }
      if (!ok_) return Malformed("gzip");
      const std::size_t room = GrowFor(out, bytes_max_);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + (out.size() - room));
      stream_.avail_out = static_cast<uInt>(room);
      const int result = inflate(&stream_, Z_NO_FLUSH);
      full = stream_.avail_out == 0;
      out.resize(out.size() - stream_.avail_out);
      if (out.size() > bytes_max_) return TooLarge(bytes_max_);
      if (result == Z_BUF_ERROR) break;
      ended_ = result == Z_STREAM_END;
      ok_ = ended_ || result == Z_OK;
    }
    if (!ok_) return Malformed("gzip");
    return {};
  }

  std::expected<void, Error> Finish(std::string&) override {
    if (!ok_ || !ended_) return Malformed("gzip");
    return {};
  }

 private:
  const std::size_t bytes_max_;
  z_stream stream_ = {};
  bool ok_ = false;
  bool ended_ = false;
};

class ZstdDecoder final : public BodyDecoder {
 public:
  explicit ZstdDecoder(std::size_t bytes_max) : bytes_max_(bytes_max), stream_(ZSTD_createDStream()) {
    ok_ = stream_ && !ZSTD_isError(ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kZstdWindowLogMax));
  }
  ~ZstdDecoder() override { ZSTD_freeDStream(stream_); }
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;

  std::expected<void, Error> Feed(std::string_view bytes, std::string& out) override {
    ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
    bool full = false;
    while (in.pos < in.size || full) {
      if (!ok_) return Malformed("zstd");
      const std::size_t room = GrowFor(out, bytes_max_);
      ZSTD_outBuffer piece = {out.data() + (out.size() - room), room, 0};
      const std::size_t before = in.pos;
      const std::size_t hint = ZSTD_decompressStream(stream_, &piece, &in);
      full = piece.pos == piece.size;
      out.resize(out.size() - (room - piece.pos));
      if (out.size() > bytes_max_) return TooLarge(bytes_max_);
      ok_ = !ZSTD_isError(hint);
      if (in.pos != before || piece.pos != 0) ended_ = hint == 0;
      if (in.pos == before && piece.pos == 0) break;
    }
    if (!ok_) return Malformed("zstd");
    return {};
  }

  std::expected<void, Error> Finish(std::string&) override {
    if (!ok_ || !ended_) return Malformed("zstd");
    return {};
  }

 private:
  const std::size_t bytes_max_;
  ZSTD_DStream* const stream_;
  bool ok_ = false;
  bool ended_ = false;
};

// A block of snappy begins with its decoded length and has no pieces: it is kept until it is whole.
class SnappyDecoder final : public BodyDecoder {
 public:
  explicit SnappyDecoder(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  std::expected<void, Error> Feed(std::string_view bytes, std::string&) override {
    if (block_.size() + bytes.size() > snappy::MaxCompressedLength(bytes_max_)) return TooLarge(bytes_max_);
    block_ += bytes;
    return {};
  }

  std::expected<void, Error> Finish(std::string& out) override {
    std::size_t size = 0;
    if (!snappy::GetUncompressedLength(block_.data(), block_.size(), &size)) return Malformed("snappy");
    if (size > bytes_max_) return TooLarge(bytes_max_);
    // The length is a stranger's word: no memory for it before the rest has borne it out.
    if (!snappy::IsValidCompressedBuffer(block_.data(), block_.size())) return Malformed("snappy");
    out.resize(size);
    if (!snappy::RawUncompress(block_.data(), block_.size(), out.data())) return Malformed("snappy");
    return {};
  }

 private:
  const std::size_t bytes_max_;
  std::string block_;
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

}  // namespace

std::expected<std::unique_ptr<BodyDecoder>, Error> BodyDecoder::Create(std::string_view encoding,
                                                                       std::size_t decoded_bytes_max) {
  const std::string name = Lower(encoding);
  if (name.empty() || name == "identity") return nullptr;
  if (name == "gzip" || name == "x-gzip") return std::make_unique<GzipDecoder>(decoded_bytes_max);
  if (name == "zstd") return std::make_unique<ZstdDecoder>(decoded_bytes_max);
  if (name == "snappy") return std::make_unique<SnappyDecoder>(decoded_bytes_max);
  return std::unexpected(
      Error{"unsupported_encoding", "Content-Encoding must be gzip, zstd, snappy or identity.", "Content-Encoding"});
}

}  // namespace tagswell
