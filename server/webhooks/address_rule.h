// Where webhooks may go: to addresses that anyone on the Internet may reach. What is inside (this machine, private and
// link-local networks, clouds' metadata services) is refused unless the configuration allows it.
#pragma once

#include <sys/socket.h>

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "proto/error.h"
#include "server/net/network_set.h"

namespace tagswell {

class AddressRule {
 public:
  // `allowed` are networks, "10.1.0.0/16" or "fd00::/8", or single addresses. Error: bad_address, naming it.
  static std::expected<AddressRule, Error> Create(const std::vector<std::string>& allowed);

  // `address` is of AF_INET or AF_INET6; any other is refused.
  bool Allows(const sockaddr& address) const;

 private:
  explicit AddressRule(NetworkSet allowed) : allowed_(std::move(allowed)) {}
  NetworkSet allowed_;
};

}  // namespace tagswell
