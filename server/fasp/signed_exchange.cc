#include "server/fasp/signed_exchange.h"

#include <algorithm>
#include <string>
#include <utility>

#include "server/base64.h"
#include "server/fasp/ed25519.h"

namespace tagswell {
namespace {

constexpr std::string_view kRequired[] = {"@method", "@target-uri", "content-digest"};

std::unexpected<Error> Bad(std::string detail) {
  return std::unexpected(Error{"bad_signature", std::move(detail), "Signature-Input"});
}

std::int64_t SecondsOf(Timestamp at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

}  // namespace

bool IsSigned(const Request& request) {
  return !request.Header("signature-input").empty();
}

std::expected<MessageSignature, Error> SignatureOf(const Request& request) {
  auto signature = ParseSignature(request.Header("signature-input"), request.Header("signature"));
  if (!signature) return signature;
  for (const std::string_view name : kRequired) {
    if (std::ranges::find(signature->components, name) == signature->components.end())
      return Bad("The signature does not cover " + std::string(name) + ".");
  }
  if (!signature->keyid) return Bad("The signature has no keyid.");
  if (signature->alg.value_or("ed25519") != "ed25519") return Bad("The algorithm must be ed25519.");
  return signature;
}

std::expected<void, Error> CheckSignature(const MessageSignature& signature, const Request& request,
                                          std::string_view url, std::string_view public_key, Timestamp now) {
  const std::int64_t seconds = SecondsOf(now);
  if (!signature.created) return Bad("The signature does not say when it was created.");
  if (*signature.created < seconds - kSignatureAgeMax.count()) return Bad("The signature is too old.");
  if (*signature.created > seconds + kSignatureAgeMax.count()) return Bad("The signature is of the future.");
  if (signature.expires.value_or(seconds) < seconds) return Bad("The signature has expired.");
  const std::string_view digest = request.Header("content-digest");
  if (auto checked = CheckContentDigest(digest, request.body); !checked) return checked;
  const Component values[] = {{"@method", Name(request.method)}, {"@target-uri", url}, {"content-digest", digest}};
  const auto base = SignatureBase(signature.components, values, signature.params);
  if (!base) return std::unexpected(base.error());
  if (!Ed25519Verify(public_key, *base, signature.signature))
    return Bad("The signature is not that of this request to " + std::string(url) + " by the key that is registered.");
  return {};
}

void SignResponse(std::string_view keyid, std::string_view private_key, Timestamp now, Response& response) {
  const std::string status = std::to_string(response.status);
  const std::string digest = ContentDigest(response.body);
  const std::string names[] = {"@status", "content-digest"};
  const Component values[] = {{names[0], status}, {names[1], digest}};
  const std::string params = SignatureParams(names, SecondsOf(now), keyid);
  const auto base = SignatureBase(names, values, params);
  response.headers.emplace_back("Content-Digest", digest);
  response.headers.emplace_back("Signature-Input", "sig1=" + params);
  response.headers.emplace_back("Signature", "sig1=:" + ToBase64(Ed25519Sign(private_key, *base)) + ":");
}

}  // namespace tagswell
