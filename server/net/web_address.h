// The parts of a web address, by libcurl's rules.
#pragma once

#include <expected>
#include <string>

#include "proto/error.h"

namespace tagswell {

struct WebAddress {
  std::string scheme;  // in lower case
  std::string host;    // an IPv6 address without its brackets
  std::string port;    // "" : that of the scheme
  std::string target;  // path and query

  bool has_path() const { return !target.starts_with("/?") && target != "/"; }
  bool has_query() const { return target.find('?') != std::string::npos; }
  std::string Text() const;
};

// Error: bad_url.
std::expected<WebAddress, Error> ParseWebAddress(const std::string& text);

// What `reference`, absolute or not, means in a document at `base`. Error: bad_url.
std::expected<WebAddress, Error> ResolveReference(const WebAddress& base, const std::string& reference);

}  // namespace tagswell
