// Requests that a fediverse server signed, and answers that are signed for it, as auxiliary service providers (FASP)
// exchange them: Ed25519, over method, URL and body there, over status and body here.
// https://github.com/mastodon/fediverse_auxiliary_service_provider_specifications, general/v0.1/protocol_basics.md
#pragma once

#include <chrono>
#include <expected>
#include <string_view>

#include "proto/error.h"
#include "proto/time.h"
#include "server/fasp/http_signature.h"
#include "server/net/http.h"

namespace tagswell {

// How far the clocks of two servers may be apart, and for how long a signature is good.
inline constexpr std::chrono::seconds kSignatureAgeMax{300};

// Whether the request bears a signature, good or bad.
bool IsSigned(const Request& request);

// What its headers say. It covers what it has to, and names its key. Error: bad_signature.
std::expected<MessageSignature, Error> SignatureOf(const Request& request);

// Whether it was made with the key, for this request and no other, just now. `url` is that of the request as the client
// wrote it. Error: bad_signature, which says what is wrong.
std::expected<void, Error> CheckSignature(const MessageSignature& signature, const Request& request,
                                          std::string_view url, std::string_view public_key, Timestamp now);

// Precondition: the response has a body of its own, or none.
void SignResponse(std::string_view keyid, std::string_view private_key, Timestamp now, Response& response);

}  // namespace tagswell
