// Networks of addresses: "10.1.0.0/16", "fd00::/8", or a single address.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "proto/error.h"
#include "server/net/ip_address.h"

namespace tagswell {

class NetworkSet {
 public:
  NetworkSet() = default;  // none

  // Error: bad_address, naming the text that is neither an address nor a network. Bits behind the prefix are ignored.
  static std::expected<NetworkSet, Error> Create(std::span<const std::string> networks);

  bool Holds(const IpAddress& address) const;  // O(networks); "::/0" holds no address of version 4

 private:
  struct Network {
    IpAddress address;
    unsigned prefix_bits = 0;  // of the 128
  };
  std::vector<Network> networks_;
};

}  // namespace tagswell
