#include "server/fasp/signed_exchange.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "server/base64.h"
#include "server/fasp/ed25519.h"

namespace tagswell {
namespace {

constexpr std::string_view kUrl = "https://tags.example/trends/v0/hashtags?language=en";
const Timestamp kNow{std::chrono::seconds(1'728'467'285)};

// A server that asks, as Mastodon does, but for what a test has it do otherwise.
struct Asker {
  std::string private_key = NewEd25519Key();
  std::vector<std::string> names = {"@method", "@target-uri", "content-digest"};
  std::string url{kUrl};
  std::int64_t created = 1'728'467'285;
  std::string more;  // behind its parameters
  std::string body;

  Request Ask(Method method = Method::kGet) const {
    Request request;
    request.method = method;
    request.body = body;
    const std::string digest = ContentDigest(body);
    const std::string params = SignatureParams(names, created, "b2ks6vm8p23w") + more;
    const Component values[] = {{"@method", Name(method)}, {"@target-uri", url}, {"content-digest", digest}};
    const auto base = SignatureBase(names, values, params);
    request.headers = {{"content-digest", digest},
                       {"signature-input", "sig1=" + params},
                       {"signature", "sig1=:" + ToBase64(Ed25519Sign(private_key, base.value_or(""))) + ":"}};
    return request;
  }
};

std::string Fault(const Request& request, const std::string& public_key) {
  const auto signature = SignatureOf(request);
  if (!signature) return signature.error().detail;
  const auto checked = CheckSignature(*signature, request, kUrl, public_key, kNow);
  return checked ? "" : checked.error().detail;
}

TEST(SignedExchange, TakesWhatTheKeySignedJustNow) {
  Asker asker;
  const std::string key = Ed25519PublicKey(asker.private_key);
  EXPECT_EQ(Fault(asker.Ask(), key), "");
  EXPECT_EQ(Fault(asker.Ask(Method::kPost), key), "");
  EXPECT_EQ(SignatureOf(asker.Ask())->keyid, "b2ks6vm8p23w");
  asker.body = "null";
  asker.more = ";alg=\"ed25519\";nonce=\"1\";expires=1728467285";
  EXPECT_EQ(Fault(asker.Ask(Method::kPost), key), "");
  for (const int seconds : {-300, 300}) {
    asker.created = 1'728'467'285 + seconds;
    EXPECT_EQ(Fault(asker.Ask(), key), "") << seconds;
  }
}

TEST(SignedExchange, SaysWhatIsWrongWithASignature) {
  const Asker good;
  const std::string key = Ed25519PublicKey(good.private_key);
  const auto fault = [&](const std::function<void(Asker&)>& spoil) {
    Asker asker = good;
    spoil(asker);
    return Fault(asker.Ask(), key);
  };
  EXPECT_EQ(fault([](Asker& a) { a.created -= 301; }), "The signature is too old.");
  EXPECT_EQ(fault([](Asker& a) { a.created += 301; }), "The signature is of the future.");
  EXPECT_EQ(fault([](Asker& a) { a.more = ";expires=1728467284"; }), "The signature has expired.");
  EXPECT_EQ(fault([](Asker& a) { a.more = ";alg=\"rsa-pss-sha512\""; }), "The algorithm must be ed25519.");
  EXPECT_EQ(fault([](Asker& a) { a.names.erase(a.names.begin()); }), "The signature does not cover @method.");
  EXPECT_EQ(fault([](Asker& a) { a.names.pop_back(); }), "The signature does not cover content-digest.");
  EXPECT_EQ(fault([](Asker& a) { a.names.emplace_back("cookie"); }),
            "Signature-Input covers \"cookie\", which is not looked at here.");
  const std::string not_of_it =
      "The signature is not that of this request to " + std::string(kUrl) + " by the key that is registered.";
  EXPECT_EQ(fault([](Asker& a) { a.url += "&maxCount=1"; }), not_of_it);
  EXPECT_EQ(fault([](Asker& a) { a.private_key = NewEd25519Key(); }), not_of_it);
}

TEST(SignedExchange, KnowsAnotherRequestFromTheOneThatWasSigned) {
  Asker asker;
  const std::string key = Ed25519PublicKey(asker.private_key);
  Request deleting = asker.Ask(Method::kPost);
  deleting.method = Method::kDelete;
  EXPECT_TRUE(Fault(deleting, key).starts_with("The signature is not that of this request"));
  Request longer = asker.Ask();
  longer.body = "x";
  EXPECT_EQ(Fault(longer, key), "Content-Digest is not that of the body.");
  Request adapted = longer;
  adapted.headers[0].second = ContentDigest("x");
  EXPECT_TRUE(Fault(adapted, key).starts_with("The signature is not that of this request"));
  Request bare = asker.Ask();
  bare.headers.erase(bare.headers.begin());
  EXPECT_EQ(Fault(bare, key), "Content-Digest must hold sha-256.");
  EXPECT_TRUE(IsSigned(bare));
  EXPECT_FALSE(IsSigned(Request()));
}

TEST(SignedExchange, SignsAnswersThatAServerCanCheck) {
  const std::string private_key = NewEd25519Key();
  Response response;
  response.status = 403;
  response.body = R"({"hashtags":[]})";
  SignResponse("dfkl3msw6ps3", private_key, kNow, response);
  const auto header = [&response](std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return std::string();
  };
  EXPECT_TRUE(CheckContentDigest(header("Content-Digest"), response.body));
  EXPECT_EQ(header("Signature-Input"), R"(sig1=("@status" "content-digest");created=1728467285;keyid="dfkl3msw6ps3")");
  const auto signature = ParseSignature(header("Signature-Input"), header("Signature"));
  ASSERT_TRUE(signature);
  const std::string digest = header("Content-Digest");
  const Component values[] = {{"@status", "403"}, {"content-digest", digest}};
  EXPECT_TRUE(Ed25519Verify(Ed25519PublicKey(private_key),
                            *SignatureBase(signature->components, values, signature->params), signature->signature));
}

}  // namespace
}  // namespace tagswell
