#include "server/fasp/ed25519.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>
#include <stdexcept>

namespace tagswell {
namespace {

constexpr std::size_t kSignatureBytes = 64;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

Key PrivateKey(std::string_view bytes) {
  return {EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(bytes), bytes.size()), &EVP_PKEY_free};
}

// What OpenSSL refuses for want of memory only.
void Require(bool done) {
  if (!done) throw std::runtime_error("Ed25519 failed");
}

}  // namespace

std::string NewEd25519Key() {
  std::string key(kEd25519KeyBytes, '\0');
  Require(RAND_priv_bytes(Bytes(key), static_cast<int>(key.size())) == 1);
  return key;
}

std::string Ed25519PublicKey(std::string_view private_key) {
  const Key key = PrivateKey(private_key);
  std::string bytes(kEd25519KeyBytes, '\0');
  std::size_t size = bytes.size();
  Require(key && EVP_PKEY_get_raw_public_key(key.get(), Bytes(bytes), &size) == 1);
  return bytes;
}

std::string Ed25519Sign(std::string_view private_key, std::string_view message) {
  const Key key = PrivateKey(private_key);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  std::size_t size = signature.size();
  Require(key && context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
          EVP_DigestSign(context.get(), Bytes(signature), &size, Bytes(message), message.size()) == 1);
  return signature;
}

bool Ed25519Verify(std::string_view public_key, std::string_view message, std::string_view signature) {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(public_key), public_key.size()),
                &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message), message.size()) == 1;
}

}  // namespace tagswell
