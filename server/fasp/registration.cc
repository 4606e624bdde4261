#include "server/fasp/registration.h"

#include <openssl/sha.h>
#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "proto/json_writer.h"
#include "server/base64.h"
#include "server/fasp/ed25519.h"

namespace tagswell {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kIdBytesMax = 256;
constexpr std::size_t kUrlBytesMax = 2048;
constexpr std::string_view kNodeInfoSchema = "http://nodeinfo.diaspora.software/ns/schema/";

bool IsHttp(std::string_view url) {
  return url.size() <= kUrlBytesMax && (url.starts_with("https://") || url.starts_with("http://"));
}

// The text under `name` of an object; empty when it is not there.
std::string_view TextOf(const dom::element& object, std::string_view name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

}  // namespace

std::expected<std::string, std::string> NodeInfoUrl(std::string_view json) {
  dom::parser parser;
  dom::element root;
  dom::array links;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS ||
      root["links"].get(links) != simdjson::SUCCESS)
    return std::unexpected("it lists no links");
  std::pair<std::string_view, std::string_view> newest;
  for (const dom::element link : links) {
    const std::string_view rel = TextOf(link, "rel");
    if (rel.starts_with(kNodeInfoSchema) && rel > newest.first) newest = {rel, TextOf(link, "href")};
  }
  if (!IsHttp(newest.second)) return std::unexpected("it links to no NodeInfo");
  return std::string(newest.second);
}

std::expected<std::string, std::string> FaspBaseUrl(std::string_view json) {
  dom::parser parser;
  dom::element root;
  dom::element metadata;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS ||
      root["metadata"].get(metadata) != simdjson::SUCCESS)
    return std::unexpected("it has no metadata");
  std::string_view url = TextOf(metadata, "faspBaseUrl");
  if (!IsHttp(url)) return std::unexpected("it tells no faspBaseUrl; name it as base_url if the server has one");
  while (url.ends_with('/')) url.remove_suffix(1);
  return std::string(url);
}

std::string RegistrationRequest(std::string_view name, std::string_view base_url, std::string_view server_id,
                                std::string_view public_key) {
  JsonWriter json;
  json.BeginObject();
  json.Field("name", name);
  json.Field("baseUrl", base_url);
  json.Field("serverId", server_id);
  json.Field("publicKey", ToBase64(public_key));
  json.EndObject();
  return json.Take();
}

std::string KeyFingerprint(std::string_view public_key) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(public_key.data()), public_key.size(), digest);
  return ToBase64({reinterpret_cast<const char*>(digest), sizeof digest});
}

std::expected<RegistrationAnswer, std::string> ParseRegistrationAnswer(std::string_view json) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS)
    return std::unexpected("the answer is no JSON");
  const std::string_view id = TextOf(root, "faspId");
  if (id.empty() || id.size() > kIdBytesMax || !std::ranges::all_of(id, [](char c) { return c >= 0x20 && c < 0x7f; }))
    return std::unexpected("the answer has no faspId");
  auto key = FromBase64(TextOf(root, "publicKey"));
  if (!key || key->size() != kEd25519KeyBytes) return std::unexpected("the answer has no publicKey of 32 bytes");
  const std::string_view completion = TextOf(root, "registrationCompletionUri");
  return RegistrationAnswer{.fasp_id = std::string(id),
                            .public_key = std::move(*key),
                            .completion_url = IsHttp(completion) ? std::string(completion) : std::string()};
}

}  // namespace tagswell
