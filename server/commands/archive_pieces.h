// What an archive is cut into: lines, or the fields of a PostBatch, each of which is a PostBatch by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "proto/error.h"
#include "server/connect/line_halves.h"

namespace tagswell {

enum class Pieces : unsigned char { kLines, kRecords };

// Bytes of the first piece; 0: it is not all there. Of a line the first `known` bytes are known to hold no end.
// Error: malformed_archive (a record that is none).
std::expected<std::size_t, Error> FirstPiece(Pieces kind, std::string_view bytes, std::size_t known = 0);

// How many there are; what is left at the end counts as one.
std::uint64_t CountPieces(Pieces kind, std::string_view bytes);

// As HalvesOf(lines), for pieces of either kind.
std::optional<LineHalves> HalvesOf(Pieces kind, std::string_view bytes);

// Which it is, by the first bytes of an archive: records where the first one is a Post of proto/tagswell.proto, as far
// as it is there. Nothing: more must be seen. Without any bytes, lines.
std::optional<Pieces> PiecesOf(std::string_view bytes, bool is_all);

}  // namespace tagswell
