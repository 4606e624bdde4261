#include "server/net/host_rule.h"

#include <algorithm>

#include "server/net/ip_address.h"

namespace tagswell {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// "a:80" is a, "[::1]:80" is ::1, "a." is a.
std::string NameOf(std::string_view host) {
  if (host.starts_with('[')) return Lower(host.substr(1, host.find(']') - 1));
  host = host.substr(0, host.find(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  return Lower(host);
}

}  // namespace

bool HostRule::Allows(std::string_view host) const {
  const std::string name = NameOf(host);
  if (const auto address = IpAddress::Parse(name); address && address->IsLoopback()) return true;
  if (name.find_first_of(".:") == std::string::npos || name.ends_with(".localhost")) return true;
  return std::ranges::any_of(names_, [&](const std::string& allowed) { return Lower(allowed) == name; });
}

}  // namespace tagswell
