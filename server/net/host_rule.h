// Under which names a server without tokens may be asked. A page of the web can let its own name lead to 127.0.0.1 (DNS
// rebinding): to the browser this server is then the page's own, and the page reads and writes as it likes. It cannot
// choose the name that the browser sends.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tagswell {

class HostRule {
 public:
  // `names` are allowed besides those of this machine: "tags.example", "192.0.2.7", "::1".
  explicit HostRule(std::vector<std::string> names) : names_(std::move(names)) {}

  // `host` as the header has it, "localhost:8080" or "[::1]:8080"; the port does not matter. Allowed are addresses of
  // this machine, localhost and what ends in .localhost, the names given, and names without a dot: those no public name
  // server answers for. So is none at all: browsers always send one.
  bool Allows(std::string_view host) const;

 private:
  std::vector<std::string> names_;
};

}  // namespace tagswell
