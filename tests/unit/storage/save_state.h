#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "storage/checkpoints.h"

namespace tagswell {

// Stores `bytes` as a state, in pieces of up to 1 MiB.
inline std::expected<void, Error> SaveState(Checkpoints& checkpoints, BlockSeq at, std::string_view bytes) {
  return checkpoints.Save(at, [&] {
    const std::string piece(bytes.substr(0, 1 << 20));
    bytes.remove_prefix(piece.size());
    return piece;
  });
}

}  // namespace tagswell
