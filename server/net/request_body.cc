#include "server/net/request_body.h"

#include <algorithm>

namespace tagswell {
namespace {

// What a client merely announces costs no more addresses than the one and no more memory than the other; the rest grows
// with what it sends.
constexpr std::size_t kReservedBytes = 1024 * 1024;
constexpr std::size_t kTouchedBytes = 32 * 1024;

std::unexpected<HttpFault> TooLarge(std::size_t bytes_max) {
  return std::unexpected(
      HttpFault{413, {"body_too_large", "The body is larger than " + std::to_string(bytes_max) + " bytes."}});
}

HttpFault FaultOf(Error error) {
  const int status = error.code == "body_too_large" ? 413 : error.code == "unsupported_encoding" ? 415 : 400;
  return HttpFault{status, std::move(error)};
}

}  // namespace

RequestBody::RequestBody(std::size_t body_bytes_max, std::size_t decoded_bytes_max)
    : body_bytes_max_(body_bytes_max), decoded_bytes_max_(decoded_bytes_max) {}

std::expected<void, HttpFault> RequestBody::Start(const RequestHead& head) {
  length_ = head.chunked ? std::nullopt : std::optional(head.content_length.value_or(0));
  received_ = 0;
  filled_ = 0;
  dropped_ = false;
  body_.clear();
  if (length_ && *length_ > body_bytes_max_) return TooLarge(body_bytes_max_);
  auto decoder = BodyDecoder::Create(head.content_encoding, decoded_bytes_max_);
  if (!decoder) return std::unexpected(FaultOf(decoder.error()));
  decoder_ = std::move(*decoder);
  in_place_ = length_ && !decoder_;
  return {};
}

std::expected<void, HttpFault> RequestBody::Append(std::string_view bytes) {
  received_ += bytes.size();
  if (received_ > body_bytes_max_) return TooLarge(body_bytes_max_);
  if (dropped_) return {};
  if (decoder_) {
    if (auto fed = decoder_->Feed(bytes, body_); !fed) return std::unexpected(FaultOf(fed.error()));
    return {};
  }
  if (in_place_) {
    body_.resize(filled_);
    filled_ += bytes.size();
    if (body_.empty()) {
      body_.reserve(std::min(static_cast<std::size_t>(*length_), kReservedBytes) + kBodyPaddingBytes);
    }
  }
  body_.append(bytes);
  return {};
}

std::span<char> RequestBody::Space() {
  if (!in_place_) return {};
  if (body_.size() == filled_) {
    const auto length = static_cast<std::size_t>(*length_);
    const std::size_t wanted = std::min(length, filled_ + std::max(kTouchedBytes, filled_));
    body_.reserve(std::max(wanted, std::min(length, kReservedBytes)) + kBodyPaddingBytes);
    body_.resize(wanted);
  }
  return std::span(body_).subspan(filled_);
}

void RequestBody::Drop() {
  dropped_ = true;
  in_place_ = false;
  decoder_.reset();
}

void RequestBody::Commit(std::size_t bytes) {
  filled_ += bytes;
  received_ += bytes;
}

std::expected<std::string, HttpFault> RequestBody::Finish() {
  if (decoder_) {
    if (auto finished = decoder_->Finish(body_); !finished) return std::unexpected(FaultOf(finished.error()));
    decoder_.reset();
  }
  if (in_place_) body_.resize(filled_);
  if (body_.capacity() < body_.size() + kBodyPaddingBytes) body_.reserve(body_.size() + kBodyPaddingBytes);
  return std::move(body_);
}

}  // namespace tagswell
