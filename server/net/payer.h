// Whom a request is counted for: the token that it carries, without one its address.
#pragma once

#include <cstdint>
#include <optional>

namespace tagswell {

struct Payer {
  std::optional<std::size_t> token;   // its place in the configuration
  std::optional<std::uint64_t> site;  // of the address (IpAddress::Site); none: of this machine, which is not limited
};

}  // namespace tagswell
