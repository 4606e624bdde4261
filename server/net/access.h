// Who may: bearer tokens, kept as digests, and the roles they carry.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/http.h"

namespace tagswell {

struct Token {
  std::string name;    // for logs, and for what an operator's call leaves behind
  std::string sha256;  // 64 hexadecimal digits: the digest of the token's bytes
  RoleSet roles;
  std::optional<std::uint32_t> requests_per_second = {};  // its own limits, 0: none; absent: those of all tokens
  std::optional<std::uint32_t> posts_per_second = {};
  std::vector<std::string> streams = {};  // the only ones it is good for; none: all, and what is of no stream
};

// Who calls: nobody in particular, or the holder of a token.
struct Caller {
  RoleSet roles;
  std::string_view token;                 // its name, as long as the Access lives; empty without one
  std::optional<std::size_t> place = {};  // of the token in the configuration
};

// Immutable, so any number of threads may ask.
class Access {
 public:
  // No tokens: everyone may everything. `anyone`: what needs no token where there are some. Precondition: each digest
  // is 64 hexadecimal digits (Config::Validate says so).
  explicit Access(const std::vector<Token>& tokens, RoleSet anyone = {});

  // What the value of an Authorization header allows; "" is no header. Every configured digest is compared in constant
  // time. Refusals: 401 token_missing, token_malformed and token_unknown (with WWW-Authenticate), 403 role_missing.
  std::expected<Caller, Response> Check(std::string_view authorization, std::optional<Role> needed) const;

 private:
  struct Entry {
    std::array<unsigned char, 32> digest;
    RoleSet roles;
    std::string name;
  };
  std::vector<Entry> entries_;
  RoleSet anyone_;
};

// SHA-256 of `bytes` in lower-case hexadecimal.
std::string Sha256Hex(std::string_view bytes);

}  // namespace tagswell
