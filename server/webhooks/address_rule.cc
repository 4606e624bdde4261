#include "server/webhooks/address_rule.h"

namespace tagswell {
namespace {

// The networks are good ones: they stand in this file.
NetworkSet Networks(std::initializer_list<std::string> texts) {
  return *NetworkSet::Create(std::vector<std::string>(texts));
}

// IANA's special-purpose registries: what is not globally reachable.
const NetworkSet& Inside4() {
  static const NetworkSet networks =
      Networks({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
                "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
  return networks;
}

// Of IPv6 only global unicast is outside, less what stands for other addresses or for none.
const NetworkSet& Outside6() {
  static const NetworkSet networks = Networks({"2000::/3"});
  return networks;
}

const NetworkSet& Inside6() {
  static const NetworkSet networks = Networks({"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"});
  return networks;
}

bool IsOutside(const IpAddress& address) {
  if (address.IsV4()) return !Inside4().Holds(address);
  return Outside6().Holds(address) && !Inside6().Holds(address);
}

}  // namespace

std::expected<AddressRule, Error> AddressRule::Create(const std::vector<std::string>& allowed) {
  auto networks = NetworkSet::Create(allowed);
  if (!networks) return std::unexpected(networks.error());
  return AddressRule(std::move(*networks));
}

bool AddressRule::Allows(const sockaddr& address) const {
  const auto ip = IpAddress::From(address);
  return ip && (IsOutside(*ip) || allowed_.Holds(*ip));
}

}  // namespace tagswell
