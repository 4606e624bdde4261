// The target of a request: path and query, percent-decoded.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "server/net/http.h"

namespace tagswell {

struct TargetParts {
  std::string_view path;   // raw, starts with '/'
  std::string_view query;  // raw, without '?'
};

// "/a?b" and "http://host/a?b" (RFC 9112, 3.2.2). None: another form.
std::optional<TargetParts> SplitTarget(std::string_view target);

// None when a '%' lacks its two digits, or the result is no valid UTF-8 or holds a NUL.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);

// `text` as a segment of a path or the value of a query parameter.
std::string PercentEncode(std::string_view text);

// "a=1&b=2&a=3" in order. Error: malformed_query.
std::expected<std::vector<NameValue>, Error> ParseQuery(std::string_view query);

}  // namespace tagswell
