// HTTP message signatures (RFC 9421) and content digests (RFC 9530): texts and bytes, without a clock or a socket. What
// is signed, and by whom, is up to the callers.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/error.h"

namespace tagswell {

// What the fields Signature-Input and Signature say.
struct MessageSignature {
  std::vector<std::string> components;  // what is covered, in order: "@method", "content-digest"
  std::optional<std::int64_t> created;  // seconds since 1970
  std::optional<std::int64_t> expires;  // the same
  std::optional<std::string> keyid;
  std::optional<std::string> alg;
  std::string params;     // components and parameters, serialized: the value of @signature-params
  std::string signature;  // bytes
};

// Takes one signature and refuses several: which of them counts would be a guess. Components have no parameters of
// their own here. Errors, all `bad_signature` with the field that is at fault.
std::expected<MessageSignature, Error> ParseSignature(std::string_view signature_input, std::string_view signature);

using Component = std::pair<std::string_view, std::string_view>;  // name in lower case, value

// The text that is signed: a line for each of `names`, with its value among `values`, and one for `params`. Error:
// bad_signature, when there is no such value.
std::expected<std::string, Error> SignatureBase(std::span<const std::string> names, std::span<const Component> values,
                                                std::string_view params);

// What a signature of ours says of itself: ("@status" "content-digest");created=1728467285;keyid="b2ks6vm8p23w".
// `keyid` is printable ASCII.
std::string SignatureParams(std::span<const std::string> names, std::int64_t created, std::string_view keyid);

// "sha-256=:" and so on, of a body.
std::string ContentDigest(std::string_view body);

// Error: bad_signature, when the field names no SHA-256 or that of something else.
std::expected<void, Error> CheckContentDigest(std::string_view field, std::string_view body);

}  // namespace tagswell
