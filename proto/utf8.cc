#include "proto/utf8.h"

#include <unicode/utf8.h>

#include <cstdint>

namespace tagswell {

bool IsValidUtf8(std::string_view text) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    UChar32 point = 0;
    U8_NEXT(bytes, i, text.size(), point);
    if (point < 0) return false;
  }
  return true;
}

}  // namespace tagswell
