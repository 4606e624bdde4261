#include "server/webhooks/address_rule.h"

#include <netinet/in.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <cstring>
#include <optional>
#include <utility>

namespace tagswell {
namespace {

namespace ip = boost::asio::ip;

// IANA's special-purpose registries: what is not globally reachable.
constexpr const char* kInside4[] = {"0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",
                                    "169.254.0.0/16", "172.16.0.0/12",  "192.0.0.0/24",  "192.0.2.0/24",
                                    "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
                                    "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4"};
// Of IPv6 only global unicast is outside, less what stands for other addresses or for none.
constexpr const char* kOutside6 = "2000::/3";
constexpr const char* kInside6[] = {"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"};

bool Holds(const ip::network_v4& network, const ip::address_v4& address) {
  return (address.to_uint() & network.netmask().to_uint()) == network.network().to_uint();
}

bool Holds(const ip::network_v6& network, const ip::address_v6& address) {
  return ip::network_v6(address, network.prefix_length()).network() == network.network();
}

bool IsOutside(const ip::address_v4& address) {
  return std::ranges::none_of(kInside4,
                              [&](const char* inside) { return Holds(ip::make_network_v4(inside), address); });
}

bool IsOutside(const ip::address_v6& address) {
  return Holds(ip::make_network_v6(kOutside6), address) && std::ranges::none_of(kInside6, [&](const char* inside) {
           return Holds(ip::make_network_v6(inside), address);
         });
}

}  // namespace

struct AddressRule::Networks {
  std::vector<ip::network_v4> v4;
  std::vector<ip::network_v6> v6;
};

std::expected<AddressRule, Error> AddressRule::Create(const std::vector<std::string>& allowed) {
  auto networks = std::make_unique<Networks>();
  for (const std::string& text : allowed) {
    const bool is_v6 = text.find(':') != std::string::npos;
    const std::string network = text.find('/') == std::string::npos ? text + (is_v6 ? "/128" : "/32") : text;
    boost::system::error_code error;
    if (is_v6) {
      networks->v6.push_back(ip::make_network_v6(network, error).canonical());
    } else {
      networks->v4.push_back(ip::make_network_v4(network, error).canonical());
    }
    if (error) return std::unexpected(Error{"bad_address", "\"" + text + "\" is no address and no network"});
  }
  return AddressRule(std::move(networks));
}

AddressRule::AddressRule(std::unique_ptr<const Networks> allowed) : allowed_(std::move(allowed)) {}
AddressRule::AddressRule(AddressRule&&) noexcept = default;
AddressRule::~AddressRule() = default;

bool AddressRule::Allows(const sockaddr& address) const {
  const auto allows_v4 = [this](const ip::address_v4& v4) {
    return IsOutside(v4) ||
           std::ranges::any_of(allowed_->v4, [&](const ip::network_v4& network) { return Holds(network, v4); });
  };
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    return allows_v4(ip::address_v4(ntohl(in.sin_addr.s_addr)));
  }
  if (address.sa_family != AF_INET6) return false;
  sockaddr_in6 in{};
  std::memcpy(&in, &address, sizeof in);
  ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
  const ip::address_v6 v6(bytes);
  if (v6.is_v4_mapped()) return allows_v4(ip::make_address_v4(ip::v4_mapped, v6));
  return IsOutside(v6) ||
         std::ranges::any_of(allowed_->v6, [&](const ip::network_v6& network) { return Holds(network, v6); });
}

}  // namespace tagswell
