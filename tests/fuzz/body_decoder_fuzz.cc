// Any bytes as a gzip, zstd or snappy body (the first byte picks): no more than the limit comes out, and whole or in
// pieces it is the same, or refused.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/net/body_decoder.h"
#include "tests/fuzz/pieces.h"

namespace tagswell {
namespace {

constexpr std::size_t kDecodedBytesMax = 100'000;

std::optional<std::string> Decode(std::string_view encoding, std::string_view bytes, bool in_pieces) {
  const auto decoder = BodyDecoder::Create(encoding, kDecodedBytesMax).value();
  std::string out;
  std::uint32_t state = 1;
  while (!bytes.empty()) {
    const std::string_view piece = in_pieces ? TakePiece(bytes, state) : bytes;
    if (!in_pieces) bytes = {};
    const bool fed = decoder->Feed(piece, out).has_value();
    Require(out.size() <= kDecodedBytesMax + (fed ? 0 : 1));
    if (!fed) return std::nullopt;
  }
  return decoder->Finish(out) ? std::optional(out) : std::nullopt;
}

}  // namespace
}  // namespace tagswell

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view encoding = data[0] == 's' ? "snappy" : (data[0] & 1) == 0 ? "gzip" : "zstd";
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  tagswell::Require(tagswell::Decode(encoding, bytes, false) == tagswell::Decode(encoding, bytes, true));
  return 0;
}
