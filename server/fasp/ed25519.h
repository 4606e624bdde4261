// Ed25519 (RFC 8032) by OpenSSL. Keys are bytes: 32 of a private one, 32 of a public one; a signature has 64.
#pragma once

#include <string>
#include <string_view>

namespace tagswell {

inline constexpr std::size_t kEd25519KeyBytes = 32;

// A new private key, from the system's randomness.
std::string NewEd25519Key();

// Precondition of both: the key is one.
std::string Ed25519PublicKey(std::string_view private_key);
std::string Ed25519Sign(std::string_view private_key, std::string_view message);

// False, too, when key or signature are none.
bool Ed25519Verify(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace tagswell
