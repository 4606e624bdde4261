#include "server/commands/archive_pieces.h"

#include <algorithm>
#include <array>

namespace tagswell {
namespace {

// Of protobuf's encoding.
enum Wire : unsigned { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
constexpr unsigned kWireBits = 3;
constexpr char kPostsTag = 1 << kWireBits | kBytes;  // PostBatch.posts
constexpr std::size_t kVarintBytesMax = 10;

// How each field of a Post is encoded, from the first on.
constexpr std::array kPostWires = {kBytes, kBytes, kBytes, kVarint, kBytes,  kVarint, kBytes,
                                   kBytes, kBytes, kBytes, kVarint, kVarint, kVarint, kBytes};

struct Varint {
  std::uint64_t value = 0;
  std::size_t size = 0;  // 0: it is not all there
};

// Nothing: it is none.
std::optional<Varint> ReadVarint(std::string_view bytes) {
  Varint read;
  for (std::size_t i = 0; i < std::min(bytes.size(), kVarintBytesMax); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    read.value |= static_cast<std::uint64_t>(byte & 0x7f) << 7 * i;
    if (byte < 0x80) {
      read.size = i + 1;
      return read;
    }
  }
  if (bytes.size() >= kVarintBytesMax) return std::nullopt;
  return read;
}

struct Field {
  std::uint64_t tag = 0;
  std::uint64_t size = 0;  // with its tag; 0: not so much is there that it shows
};

// Nothing: there is none.
std::optional<Field> FirstField(std::string_view bytes) {
  const auto tag = ReadVarint(bytes);
  if (!tag || (tag->size > 0 && tag->value >> kWireBits == 0)) return std::nullopt;
  if (tag->size == 0) return Field{};
  const std::string_view rest = bytes.substr(tag->size);
  switch (tag->value & ((1U << kWireBits) - 1)) {
    case kVarint: {
      const auto value = ReadVarint(rest);
      if (!value) return std::nullopt;
      return Field{tag->value, value->size == 0 ? 0 : tag->size + value->size};
    }
    case kFixed64:
      return Field{tag->value, tag->size + 8};
    case kFixed32:
      return Field{tag->value, tag->size + 4};
    case kBytes: {
      const auto size = ReadVarint(rest);
      if (!size || size->value > UINT32_MAX) return std::nullopt;
      return Field{tag->value, size->size == 0 ? 0 : tag->size + size->size + size->value};
    }
    default:
      return std::nullopt;
  }
}

std::size_t LineSize(std::string_view bytes, std::size_t known) {
  return bytes.find('\n', known) + 1;  // npos + 1 is 0
}

}  // namespace

std::expected<std::size_t, Error> FirstPiece(Pieces kind, std::string_view bytes, std::size_t known) {
  if (kind == Pieces::kLines) return LineSize(bytes, known);
  if (bytes.empty()) return 0;
  const auto field = FirstField(bytes);
  if (!field) return std::unexpected(Error{"malformed_archive", "this is no well-formed PostBatch"});
  return field->size <= bytes.size() ? field->size : 0;
}

std::uint64_t CountPieces(Pieces kind, std::string_view bytes) {
  std::uint64_t count = 0;
  while (!bytes.empty()) {
    const std::size_t size = FirstPiece(kind, bytes).value_or(0);
    bytes.remove_prefix(size == 0 ? bytes.size() : size);
    ++count;
  }
  return count;
}

std::optional<LineHalves> HalvesOf(Pieces kind, std::string_view bytes) {
  if (kind == Pieces::kLines) return HalvesOf(bytes);
  std::size_t end = 0;
  while (end == 0 || end < bytes.size() / 2) {
    const std::size_t size = FirstPiece(kind, bytes.substr(end)).value_or(0);
    if (size == 0 || end + size >= bytes.size()) break;
    end += size;
  }
  if (end == 0) return std::nullopt;
  return LineHalves{.front = bytes.substr(0, end), .back = bytes.substr(end)};
}

std::optional<Pieces> PiecesOf(std::string_view bytes, bool is_all) {
  const auto more = [is_all] { return is_all ? std::optional(Pieces::kLines) : std::nullopt; };
  if (bytes.empty()) return more();
  if (bytes.front() != kPostsTag) return Pieces::kLines;  // a newline is the same byte: then it is a blank line
  const auto size = ReadVarint(bytes.substr(1));
  if (!size) return Pieces::kLines;
  if (size->size == 0) return more();
  const std::size_t begin = 1 + size->size;
  std::string_view post = bytes.substr(begin, size->value);
  std::uint64_t left = size->value;
  while (left > 0) {
    const auto field = FirstField(post);
    if (!field) return Pieces::kLines;
    const std::uint64_t number = field->tag >> kWireBits;
    const bool is_known = number >= 1 && number <= kPostWires.size() &&
                          kPostWires.at(number - 1) == (field->tag & ((1U << kWireBits) - 1));
    if (field->tag != 0 && (!is_known || field->size > left)) return Pieces::kLines;
    if (field->size == 0 || field->size > post.size()) return post.size() == left ? Pieces::kLines : more();
    left -= field->size;
    post.remove_prefix(field->size);
  }
  return Pieces::kRecords;
}

}  // namespace tagswell
