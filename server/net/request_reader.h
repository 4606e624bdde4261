// Bytes to request heads: HTTP/1.0 and 1.1 by RFC 9112, read strictly, so that no proxy before us
// can understand a message in another way. Beast parses; what it lets pass wrongly is refused here.
// Knows no socket. One per connection; one thread.
#pragma once

#include <cstddef>
#include <expected>
#include <string_view>

#include "server/net/request_head.h"

namespace tagswell {

class RequestReader {
 public:
  explicit RequestReader(std::size_t header_bytes_max);

  // Reads a head at the front of `bytes`, which must start at the same place until it is whole. Gives its size in
  // bytes, or 0: more bytes are needed. Then head() holds. O(new bytes). Faults: 400 bad_request, 431 header_too_large,
  // 501 unsupported_transfer_encoding, 505 unsupported_version, 417 unsupported_expectation.
  std::expected<std::size_t, HttpFault> ReadHead(std::string_view bytes);
  RequestHead& head() { return head_; }
  const RequestHead& head() const { return head_; }

  // Forget the message: the next ReadHead starts another.
  void Reset();

 private:
  class Parser;
  // The bytes of the head that must not be there, whatever it says: bare CR or LF, NUL, folded lines.
  std::expected<std::size_t, HttpFault> FindEnd(std::string_view bytes);
  std::expected<void, HttpFault> CheckFields(const Parser& parser);

  const std::size_t header_bytes_max_;
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;
  RequestHead head_;
};

}  // namespace tagswell
