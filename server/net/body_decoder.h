// Content-Encoding of a request body: gzip, zstd, snappy (the block format, as Prometheus sends it), identity. Fed
// piece by piece; never gives more than the limit. One per body; one thread.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "proto/error.h"

namespace tagswell {

class BodyDecoder {
 public:
  virtual ~BodyDecoder() = default;

  // Appends what `bytes` decode to. After an error the decoder is of no further use.
  // Errors: body_too_large (the decoded size would pass the limit; memory stays within it), malformed_encoding.
  virtual std::expected<void, Error> Feed(std::string_view bytes, std::string& out) = 0;

  // The body ended. Appends what can only be decoded whole. Errors: malformed_encoding when the stream did not end,
  // body_too_large.
  virtual std::expected<void, Error> Finish(std::string& out) = 0;

  // `encoding` is the header's value, any case; empty and "identity" give a null pointer: nothing to decode.
  // Error: unsupported_encoding.
  static std::expected<std::unique_ptr<BodyDecoder>, Error> Create(std::string_view encoding,
                                                                   std::size_t decoded_bytes_max);
};

}  // namespace tagswell
