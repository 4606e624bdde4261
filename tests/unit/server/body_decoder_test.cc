#include "server/net/body_decoder.h"

#include <gtest/gtest.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

namespace tagswell {
namespace {

std::string Gzip(const std::string& text) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string Snappy(const std::string& text) {
  std::string out;
  snappy::Compress(text.data(), text.size(), &out);
  return out;
}

std::expected<std::string, Error> Decode(const char* encoding, const std::string& bytes, std::size_t piece,
                                         std::size_t bytes_max) {
  auto decoder = BodyDecoder::Create(encoding, bytes_max);
  if (!decoder) return std::unexpected(decoder.error());
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    auto fed = (*decoder)->Feed(std::string_view(bytes).substr(at, piece), out);
    EXPECT_LE(out.capacity(), 4 * bytes_max + 1024 * 1024);
    if (!fed) return std::unexpected(fed.error());
  }
  if (auto finished = (*decoder)->Finish(out); !finished) return std::unexpected(finished.error());
  return out;
}

TEST(BodyDecoder, GivesBackWhatWasCompressedWhateverThePieces) {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i * 7919 % 10007);
  for (const std::size_t piece : {1ul, 100ul, 65536ul, 10'000'000ul}) {
    EXPECT_EQ(Decode("gzip", Gzip(text), piece, 1 << 20).value(), text);
    EXPECT_EQ(Decode("zstd", Zstd(text), piece, 1 << 20).value(), text);
    EXPECT_EQ(Decode("snappy", Snappy(text), piece, 1 << 20).value(), text);
    EXPECT_EQ(Decode("GZIP", Gzip("ab") + Gzip("") + Gzip("cd"), piece, 1 << 20).value(), "abcd");
    EXPECT_EQ(Decode("zstd", Zstd("ab") + Zstd("cd"), piece, 1 << 20).value(), "abcd");
  }
}

TEST(BodyDecoder, StopsBombsAtTheLimit) {
  const std::string zeros(100 * 1024 * 1024, '\0');
  EXPECT_EQ(Decode("gzip", Gzip(zeros), 4096, 1 << 20).error().code, "body_too_large");
  EXPECT_EQ(Decode("zstd", Zstd(zeros), 4096, 1 << 20).error().code, "body_too_large");
  EXPECT_EQ(Decode("snappy", Snappy(zeros), 4096, 1 << 20).error().code, "body_too_large");
  EXPECT_EQ(Decode("snappy", std::string(2 << 20, 'x'), 4096, 1 << 20).error().code, "body_too_large");
}

TEST(BodyDecoder, TakesBodiesOfExactlyTheLimit) {
  const std::string text(1 << 20, 'x');
  EXPECT_EQ(Decode("gzip", Gzip(text), 10'000'000, text.size()).value(), text);
  EXPECT_EQ(Decode("zstd", Zstd(text), 10'000'000, text.size()).value(), text);
  EXPECT_EQ(Decode("snappy", Snappy(text), 10'000'000, text.size()).value(), text);
  EXPECT_FALSE(Decode("gzip", Gzip(text), 10'000'000, text.size() - 1));
  EXPECT_FALSE(Decode("zstd", Zstd(text), 10'000'000, text.size() - 1));
  EXPECT_FALSE(Decode("snappy", Snappy(text), 10'000'000, text.size() - 1));
}

TEST(BodyDecoder, RefusesWhatIsCutOrBroken) {
  for (const auto& [encoding, bytes] : {std::pair<const char*, std::string>{"gzip", Gzip("some text")},
                                        {"zstd", Zstd("some text")},
                                        {"snappy", Snappy("some text")}}) {
    EXPECT_EQ(Decode(encoding, bytes.substr(0, bytes.size() - 1), 3, 1000).error().code, "malformed_encoding");
    EXPECT_EQ(Decode(encoding, "", 3, 1000).error().code, "malformed_encoding");
    EXPECT_EQ(Decode(encoding, "garbage garbage", 3, 1000).error().code, "malformed_encoding");
    EXPECT_EQ(Decode(encoding, bytes + "garbage garbage", 30, 1000).error().code, "malformed_encoding");
  }
  EXPECT_EQ(Decode("br", "x", 1, 10).error().code, "unsupported_encoding");
}

TEST(BodyDecoder, RefusesZstdWindowsThatWouldCostMemory) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 27);
  const std::string text(20 * 1024 * 1024, 'x');
  ZSTD_CStream* stream = context;
  std::string out(1 << 20, '\0');
  ZSTD_inBuffer in = {text.data(), text.size(), 0};
  ZSTD_outBuffer piece = {out.data(), out.size(), 0};
  while (in.pos < in.size) ZSTD_compressStream2(stream, &piece, &in, ZSTD_e_continue);
  ZSTD_compressStream2(stream, &piece, &in, ZSTD_e_end);
  out.resize(piece.pos);
  ZSTD_freeCCtx(context);
  EXPECT_FALSE(Decode("zstd", out, 1 << 20, 100 << 20));
}

}  // namespace
}  // namespace tagswell
