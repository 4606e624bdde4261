// Any bytes as a chunked body: whole or in pieces they give the same data and end at the same byte, or are refused.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/net/chunk_reader.h"
#include "tests/fuzz/pieces.h"

namespace tagswell {
namespace {

constexpr std::size_t kLineBytesMax = 64;

struct Body {
  std::string data;
  std::size_t used = 0;
  bool done = false;
  bool operator==(const Body&) const = default;
};

// False: refused.
bool Feed(ChunkReader& reader, std::string_view bytes, Body& body) {
  while (!bytes.empty() && !reader.Done()) {
    const std::size_t before = bytes.size();
    const auto piece = reader.Next(bytes);
    if (!piece) return false;
    Require(bytes.size() < before);
    body.used += before - bytes.size();
    body.data += *piece;
  }
  body.done = reader.Done();
  return true;
}

std::optional<Body> ReadWhole(std::string_view bytes) {
  ChunkReader reader(kLineBytesMax);
  Body body;
  return Feed(reader, bytes, body) ? std::optional(body) : std::nullopt;
}

std::optional<Body> ReadPieces(std::string_view bytes) {
  ChunkReader reader(kLineBytesMax);
  Body body;
  std::uint32_t state = 1;
  while (!bytes.empty()) {
    if (!Feed(reader, TakePiece(bytes, state), body)) return std::nullopt;
  }
  return body;
}

}  // namespace
}  // namespace tagswell

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  tagswell::Require(tagswell::ReadWhole(bytes) == tagswell::ReadPieces(bytes));
  return 0;
}
