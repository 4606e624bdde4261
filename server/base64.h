// Base64 with padding (RFC 4648, 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tagswell {

std::string ToBase64(std::string_view bytes);

// Nothing unless `text` is base64, padded, and nothing else.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace tagswell
