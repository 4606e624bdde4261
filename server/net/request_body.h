// A request body as it arrives: bounded, decoded on the way. One per request; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/net/body_decoder.h"
#include "server/net/request_head.h"

namespace tagswell {

class RequestBody {
 public:
  RequestBody(std::size_t body_bytes_max, std::size_t decoded_bytes_max);

  // Begins the body that `head` announces. Faults: 413 body_too_large, 415 unsupported_encoding.
  std::expected<void, HttpFault> Start(const RequestHead& head);

  // Faults: 413 body_too_large, 400 malformed_encoding.
  std::expected<void, HttpFault> Append(std::string_view bytes);

  // With a known length and nothing to decode, the body can be read in place: room for some of what is missing, then
  // Commit how much came. Empty when it cannot.
  std::span<char> Space();
  void Commit(std::size_t bytes);

  // From here on bytes are counted and not kept.
  void Drop();

  // Bytes of a body with Content-Length that are still to come.
  std::uint64_t Missing() const { return length_ ? *length_ - received_ : 0; }
  std::uint64_t received() const { return received_; }

  // The whole body, padded for simdjson. Fault: 400 malformed_encoding.
  std::expected<std::string, HttpFault> Finish();

 private:
  const std::size_t body_bytes_max_;
  const std::size_t decoded_bytes_max_;
  std::optional<std::uint64_t> length_;
  std::uint64_t received_ = 0;  // as sent
  std::unique_ptr<BodyDecoder> decoder_;
  std::string body_;
  std::size_t filled_ = 0;  // of body_, when it is read in place
  bool in_place_ = false;
  bool dropped_ = false;
};

}  // namespace tagswell
