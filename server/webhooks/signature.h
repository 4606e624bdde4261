// Signatures of webhooks as standardwebhooks.com has them: HMAC-SHA-256 over id, timestamp and body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tagswell {

// The key of a secret, "whsec_" and the base64 of 24 to 64 bytes; nothing when it is none.
std::optional<std::string> WebhookKey(std::string_view secret);

// The value of the header webhook-signature: "v1," and the base64 of the HMAC of "id.timestamp.body".
// `timestamp` is in seconds since 1970.
std::string WebhookSignature(std::string_view key, std::string_view id, std::int64_t timestamp, std::string_view body);

}  // namespace tagswell
