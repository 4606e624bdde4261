#include "server/net/network_set.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace tagswell {
namespace {

constexpr unsigned kBits = 128;
constexpr unsigned kMappedBits = 96;

bool SamePrefix(const IpAddress& a, const IpAddress& b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (std::memcmp(a.bytes.data(), b.bytes.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  return ((a.bytes[whole] ^ b.bytes[whole]) >> (8 - bits % 8)) == 0;
}

std::optional<unsigned> ParseBits(std::string_view text, unsigned bits_max) {
  unsigned bits = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (ec != std::errc() || end != text.data() + text.size() || bits > bits_max) return std::nullopt;
  return bits;
}

}  // namespace

std::expected<NetworkSet, Error> NetworkSet::Create(std::span<const std::string> networks) {
  NetworkSet set;
  for (const std::string& text : networks) {
    const std::size_t slash = text.find('/');
    const auto address = IpAddress::Parse(std::string_view(text).substr(0, slash));
    const unsigned skipped = text.find(':') == std::string::npos ? kMappedBits : 0;
    std::optional<unsigned> bits = kBits - skipped;
    if (slash != std::string::npos) bits = ParseBits(std::string_view(text).substr(slash + 1), kBits - skipped);
    if (!address || !bits) {
      return std::unexpected(Error{"bad_address", "\"" + text + "\" is no address and no network"});
    }
    set.networks_.push_back({*address, skipped + *bits});
  }
  return set;
}

bool NetworkSet::Holds(const IpAddress& address) const {
  return std::ranges::any_of(networks_, [&](const Network& network) {
    return network.address.IsV4() == address.IsV4() && SamePrefix(network.address, address, network.prefix_bits);
  });
}

}  // namespace tagswell
