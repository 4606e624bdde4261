#include "trend/author_host.h"

namespace tagswell {

std::string_view HostOf(std::string_view author) {
  if (const std::size_t scheme = author.find("://"); scheme != std::string_view::npos) {
    const std::string_view host = author.substr(scheme + 3);
    return host.substr(0, host.find('/'));
  }
  const std::size_t at = author.rfind('@');
  // A leading @ is decoration: nobody stands before it.
  return at == std::string_view::npos || at == 0 ? std::string_view() : author.substr(at + 1);
}

std::uint16_t HostHash(std::string_view author, HashSalt salt) {
  const std::string_view host = HostOf(author);
  if (host.empty()) return 0;
  const auto hash = static_cast<std::uint16_t>(AuthorHash(host, salt));
  return hash == 0 ? 1 : hash;
}

}  // namespace tagswell
