#include "server/net/access.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "server/net/problem.h"

namespace tagswell {
namespace {

constexpr std::size_t kTokenBytesMax = 4096;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::array<unsigned char, 32> Digest(std::string_view bytes) {
  std::array<unsigned char, 32> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return digest;
}

Response Unauthorized(std::string_view code, std::string_view detail) {
  Response response = Problem(401, code, detail);
  // RFC 6750: no error code when no credentials came at all.
  response.headers.emplace_back("WWW-Authenticate", code == "token_missing"
                                                        ? R"(Bearer realm="tagswell")"
                                                        : R"(Bearer realm="tagswell", error="invalid_token")");
  return response;
}

// The token of "Bearer TOKEN", empty when the header has another form.
std::string_view BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) return {};
  }
  authorization.remove_prefix(kScheme.size());
  while (!authorization.empty() && authorization.front() == ' ') authorization.remove_prefix(1);
  return authorization.find(' ') == std::string_view::npos ? authorization : std::string_view();
}

}  // namespace

Access::Access(const std::vector<Token>& tokens, RoleSet anyone) : anyone_(anyone) {
  for (const Token& token : tokens) {
    Entry entry;
    entry.roles = {static_cast<unsigned char>(token.roles.bits | anyone.bits)};
    entry.name = token.name;
    for (std::size_t i = 0; i < entry.digest.size(); ++i) {
      entry.digest[i] =
          static_cast<unsigned char>(HexDigit(token.sha256.at(2 * i)) * 16 + HexDigit(token.sha256.at(2 * i + 1)));
    }
    entries_.push_back(entry);
  }
}

std::expected<Caller, Response> Access::Check(std::string_view authorization, std::optional<Role> needed) const {
  if (entries_.empty()) return Caller{.roles = kAllRoles, .token = {}};
  if (authorization.empty()) {
    if (!needed || anyone_.Has(*needed)) return Caller{.roles = anyone_, .token = {}};
    return std::unexpected(Unauthorized("token_missing", "This needs an Authorization header with a bearer token."));
  }
  const std::string_view token = BearerToken(authorization);
  if (token.empty() || token.size() > kTokenBytesMax) {
    return std::unexpected(Unauthorized("token_malformed", "Authorization must be 'Bearer TOKEN'."));
  }
  const std::array<unsigned char, 32> digest = Digest(token);
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    if (CRYPTO_memcmp(entry.digest.data(), digest.data(), digest.size()) == 0) found = &entry;
  }
  if (!found) return std::unexpected(Unauthorized("token_unknown", "The bearer token is not known here."));
  if (needed && !found->roles.Has(*needed)) {
    return std::unexpected(Problem(403, "role_missing", "The token does not carry the role that this needs."));
  }
  return Caller{found->roles, found->name, static_cast<std::size_t>(found - entries_.data())};
}

std::string Sha256Hex(std::string_view bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : Digest(bytes)) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

}  // namespace tagswell
