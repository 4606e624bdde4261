// An address of the Internet Protocol, of either version.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tagswell {

struct IpAddress {
  // As IPv6; an IPv4 address is mapped (::ffff:192.0.2.1), so that each has one form however it came.
  std::array<unsigned char, 16> bytes = {};

  // "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1". None: anything else, zones included.
  static std::optional<IpAddress> Parse(std::string_view text);
  // None: of neither AF_INET nor AF_INET6.
  static std::optional<IpAddress> From(const sockaddr& address);

  bool IsV4() const;
  bool IsLoopback() const;  // 127.0.0.0/8, ::1
  std::string Text() const;

  // Who is taken for one: an IPv4 address by itself, of IPv6 the /64, since that is what one household or machine has.
  std::uint64_t Site() const;

  bool operator==(const IpAddress&) const = default;
};

}  // namespace tagswell
