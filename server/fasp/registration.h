// What is said when this server registers with a fediverse server as an auxiliary service provider (FASP): texts alone.
// https://github.com/mastodon/fediverse_auxiliary_service_provider_specifications, general/v0.1/registration.md
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace tagswell {

// Errors are what is wrong with the text, in a few words.

// The newest NodeInfo that a server's /.well-known/nodeinfo links to.
std::expected<std::string, std::string> NodeInfoUrl(std::string_view json);

// Where a server answers providers, by its NodeInfo; without '/' at the end.
std::expected<std::string, std::string> FaspBaseUrl(std::string_view json);

// Who registers. `public_key` is bytes.
std::string RegistrationRequest(std::string_view name, std::string_view base_url, std::string_view server_id,
                                std::string_view public_key);

// What administrators compare: the SHA-256 of a public key, in base64.
std::string KeyFingerprint(std::string_view public_key);

struct RegistrationAnswer {
  std::string fasp_id;         // printable ASCII, 1 to 256 bytes
  std::string public_key;      // 32 bytes
  std::string completion_url;  // empty when none, or none that a browser would follow, was told
};
std::expected<RegistrationAnswer, std::string> ParseRegistrationAnswer(std::string_view json);

}  // namespace tagswell
