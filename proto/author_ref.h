// Who wrote, as a source names them.
#pragma once

#include <compare>
#include <string>

namespace tagswell {

struct AuthorRef {
  std::string source;
  std::string author;
  auto operator<=>(const AuthorRef&) const = default;
};

}  // namespace tagswell
