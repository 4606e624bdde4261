// The head of a response as bytes.
#pragma once

#include <string>

#include "proto/time.h"
#include "server/net/http.h"

namespace tagswell {

// How the end of the body is told.
enum class BodyFraming : unsigned char { kLength, kChunked, kUntilClose };

struct ResponseHeadOptions {
  std::string_view date;
  BodyFraming framing = BodyFraming::kLength;
  bool close = false;                // "Connection: close"
  bool keep_alive_http_1_0 = false;  // say what HTTP/1.1 takes for granted
};

std::size_t BodySize(const Response& response);

// Appends status line and headers, the empty line included. A header whose name or value would break the head is left
// out: a handler's mistake must not become a second response.
void AppendResponseHead(const Response& response, const ResponseHeadOptions& options, std::string& out);

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string FormatHttpDate(Timestamp at);

}  // namespace tagswell
