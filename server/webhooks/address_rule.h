// Where webhooks may go: to addresses that anyone on the Internet may reach. What is inside (this machine, private and
// link-local networks, clouds' metadata services) is refused unless the configuration allows it.
#pragma once

#include <sys/socket.h>

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "proto/error.h"

namespace tagswell {

class AddressRule {
 public:
  // `allowed` are networks, "10.1.0.0/16" or "fd00::/8", or single addresses. Error: bad_address, naming it.
  static std::expected<AddressRule, Error> Create(const std::vector<std::string>& allowed);

  AddressRule(AddressRule&&) noexcept;
  ~AddressRule();

  // `address` is of AF_INET or AF_INET6; any other is refused.
  bool Allows(const sockaddr& address) const;

 private:
  struct Networks;
  explicit AddressRule(std::unique_ptr<const Networks> allowed);
  std::unique_ptr<const Networks> allowed_;
};

}  // namespace tagswell
