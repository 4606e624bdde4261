// The head of a request, parsed and checked for framing. What stays of the wire once RequestReader is done with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/error.h"
#include "server/net/http.h"

namespace tagswell {

// A request that is refused before any handler sees it.
struct HttpFault {
  int status = 400;
  Error error;
};

struct RequestHead {
  std::string method;
  std::string target;
  std::vector<NameValue> headers;  // kKeptHeaders only, names in lower case
  std::string host;
  std::string authorization;
  std::string content_encoding;
  std::string websocket_key;
  std::string websocket_version;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool http_1_0 = false;
  bool keep_alive = true;
  bool expect_continue = false;
  bool upgrade_websocket = false;  // "Connection: upgrade" and "Upgrade: websocket"

  bool HasBody() const { return chunked || content_length.value_or(0) > 0; }
};

}  // namespace tagswell
