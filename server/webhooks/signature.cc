#include "server/webhooks/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "server/base64.h"

namespace tagswell {
namespace {

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::optional<std::string> WebhookKey(std::string_view secret) {
  constexpr std::string_view kPrefix = "whsec_";
  constexpr std::size_t kKeyBytesMin = 24;
  constexpr std::size_t kKeyBytesMax = 64;
  if (!secret.starts_with(kPrefix)) return std::nullopt;
  secret.remove_prefix(kPrefix.size());
  if (secret.size() > 4 * (kKeyBytesMax / 3 + 1)) return std::nullopt;
  auto key = FromBase64(secret);
  if (!key || key->size() < kKeyBytesMin || key->size() > kKeyBytesMax) return std::nullopt;
  return key;
}

std::string WebhookSignature(std::string_view key, std::string_view id, std::int64_t timestamp, std::string_view body) {
  std::string signed_text(id);
  signed_text.append(1, '.').append(std::to_string(timestamp)).append(1, '.').append(body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(signed_text), signed_text.size(), digest.data(),
       &size);
  return "v1," + ToBase64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace tagswell
