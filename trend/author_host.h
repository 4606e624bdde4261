// Where an author's account lives, as far as the name tells.
#pragma once

#include <cstdint>
#include <string_view>

#include "proto/post_key.h"

namespace tagswell {

// The host of "name@host" (fediverse, mail) or of a URL; empty for any other name. A view into `author`.
std::string_view HostOf(std::string_view author);

// A keyed hash of it, never 0; 0 where there is none.
std::uint16_t HostHash(std::string_view author, HashSalt salt);

}  // namespace tagswell
