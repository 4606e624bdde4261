// Near-identical texts share a fingerprint: only letters count, without case, and no tags, mentions or links. What a
// spammer varies (a number, an exclamation mark, an emoji) does not change it.
#pragma once

#include <cstdint>
#include <string_view>

namespace tagswell {

// 0 when the text has fewer than 20 letters' bytes: short texts are alike by nature ("me too"). O(bytes).
std::uint32_t TextFingerprint(std::string_view text);

}  // namespace tagswell
