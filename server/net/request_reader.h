// Bytes to request heads and chunked bodies: HTTP/1.0 and 1.1 by RFC 9112, read strictly, so that no proxy before us
// can understand a message in another way. Beast parses; what it lets pass wrongly is refused here.
// Knows no socket. One per connection; one thread.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string_view>

#include "server/net/request_body.h"
#include "server/net/request_head.h"

namespace tagswell {

class RequestReader {
 public:
  explicit RequestReader(std::size_t header_bytes_max);
  ~RequestReader();

  // Reads a head at the front of `bytes`, which must start at the same place until it is whole. Gives its size in
  // bytes, or 0: more bytes are needed. Then head() holds. O(new bytes). Faults: 400 bad_request, 431 header_too_large,
  // 501 unsupported_transfer_encoding, 505 unsupported_version, 417 unsupported_expectation.
  std::expected<std::size_t, HttpFault> ReadHead(std::string_view bytes);
  RequestHead& head() { return head_; }
  const RequestHead& head() const { return head_; }

  struct BodyStep {
    std::size_t consumed = 0;
    bool done = false;
  };
  // For chunked bodies, after their head: decodes what is there into `body`. Lines of chunk sizes, extensions and
  // trailers may each take as many bytes as a head. Faults: 400 bad_chunk, 431 header_too_large, and those of `body`.
  std::expected<BodyStep, HttpFault> ReadChunks(std::string_view bytes, RequestBody& body);

  // Forget the message: the next ReadHead starts another.
  void Reset();

 private:
  class Parser;
  // The bytes of the head that must not be there, whatever it says: bare CR or LF, NUL, folded lines.
  std::expected<std::size_t, HttpFault> FindEnd(std::string_view bytes);
  std::expected<void, HttpFault> CheckFields();

  const std::size_t header_bytes_max_;
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;
  RequestHead head_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace tagswell
