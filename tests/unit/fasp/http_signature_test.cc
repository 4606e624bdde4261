#include "server/fasp/http_signature.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/base64.h"
#include "server/fasp/ed25519.h"

namespace tagswell {
namespace {

// RFC 9421, B.1.4 (the key) and B.2.6 (what it signs).
const std::string kPrivateKey = *FromBase64("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=");
const std::string kPublicKey = *FromBase64("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=");
constexpr std::string_view kParams =
    R"(("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519")";
constexpr std::string_view kSignature =
    "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:";
constexpr std::string_view kBase = R"("date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519")";
const Component kMessage[] = {{"@authority", "example.com"},
                              {"@method", "POST"},
                              {"@path", "/foo"},
                              {"content-type", "application/json"},
                              {"date", "Tue, 20 Apr 2021 02:07:55 GMT"},
                              {"content-length", "18"},
                              {"x-not-covered", "1"}};

std::string Input(std::string_view params) {
  return "sig-b26=" + std::string(params);
}

TEST(HttpSignature, IsThatOfTheStandardsExample) {
  const auto parsed = ParseSignature(Input(kParams), kSignature);
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_EQ(parsed->components,
            (std::vector<std::string>{"date", "@method", "@path", "@authority", "content-type", "content-length"}));
  EXPECT_EQ(parsed->created, 1'618'884'473);
  EXPECT_EQ(parsed->keyid, "test-key-ed25519");
  EXPECT_FALSE(parsed->expires || parsed->alg);
  EXPECT_EQ(parsed->params, kParams);

  const auto base = SignatureBase(parsed->components, kMessage, parsed->params);
  ASSERT_TRUE(base);
  EXPECT_EQ(*base, kBase);
  EXPECT_TRUE(Ed25519Verify(kPublicKey, *base, parsed->signature));
  // Ed25519 signs the same text always the same.
  EXPECT_EQ(Ed25519Sign(kPrivateKey, *base), parsed->signature);
  EXPECT_EQ(Ed25519PublicKey(kPrivateKey), kPublicKey);
  EXPECT_EQ(SignatureParams(parsed->components, *parsed->created, *parsed->keyid), kParams);
}

TEST(HttpSignature, IsOfThisMessageAndThisKeyAlone) {
  const auto parsed = ParseSignature(Input(kParams), kSignature);
  ASSERT_TRUE(parsed);
  for (std::size_t i = 0; i < std::size(kMessage) - 1; ++i) {
    std::vector<Component> other(std::begin(kMessage), std::end(kMessage));
    other[i].second = "other";
    EXPECT_FALSE(
        Ed25519Verify(kPublicKey, *SignatureBase(parsed->components, other, parsed->params), parsed->signature))
        << other[i].first;
  }
  const std::string base(kBase);
  EXPECT_FALSE(Ed25519Verify(Ed25519PublicKey(NewEd25519Key()), base, parsed->signature));
  EXPECT_FALSE(Ed25519Verify(kPublicKey.substr(1), base, parsed->signature));
  EXPECT_FALSE(Ed25519Verify(kPublicKey, base, parsed->signature.substr(1)));
  EXPECT_FALSE(Ed25519Verify(kPublicKey, base, ""));
  for (std::size_t i = 0; i < parsed->signature.size(); i += 7) {
    std::string forged = parsed->signature;
    forged[i] = static_cast<char>(forged[i] ^ 1);
    EXPECT_FALSE(Ed25519Verify(kPublicKey, base, forged)) << i;
  }
}

TEST(HttpSignature, WritesTheParametersAsTheyAreSigned) {
  const auto parsed = ParseSignature(
      R"(a=(  "@method"   "x" );  created=007; nonce="a\"\\b";tag="t";expires=-1;alg="ed25519")", "b=:AAAA:, a=:AQ==:");
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_EQ(parsed->params, R"(("@method" "x");created=7;nonce="a\"\\b";tag="t";expires=-1;alg="ed25519")");
  EXPECT_EQ(parsed->created, 7);
  EXPECT_EQ(parsed->expires, -1);
  EXPECT_EQ(parsed->alg, "ed25519");
  EXPECT_EQ(parsed->signature, "\x01");
}

TEST(HttpSignature, SaysWhichFieldIsAtFault) {
  for (const char* input : {"",
                            "a",
                            "a=",
                            "A=()",
                            "a=(\"x\"",
                            "a=(x)",
                            "a=(\"x\"\"y\")",
                            "a=(\"x\" \"x\")",
                            "a=(\"\")",
                            "a=(\"x\";req)",
                            "a=(\"x\");",
                            "a=(\"x\");created",
                            "a=(\"x\");created=",
                            "a=(\"x\");created=1.5",
                            "a=(\"x\");created=?1",
                            "a=(\"x\");created=:AA==:",
                            "a=(\"x\");created=1;created=2",
                            "a=(\"x\");created=1234567890123456",
                            "a=(\"x\");keyid=\"y",
                            "a=(\"x\");keyid=\"\\y\"",
                            "a=(\"x\");keyid=\"\x01\"",
                            "a=(\"x\");keyid=\"\xc3\xa4\"",
                            "a=(\"x\") ;created=1",
                            "a=(\"x\"), b=(\"x\")",
                            "a=(\"x\") "}) {
    const auto parsed = ParseSignature(input, "a=:AA==:");
    ASSERT_FALSE(parsed) << input;
    EXPECT_EQ(parsed.error().code, "bad_signature");
    EXPECT_EQ(parsed.error().field, "Signature-Input") << input;
  }
  for (const char* signature : {"", "a", "a=", "a=AA==", "a=:AA==", "a=:AA:", "a=:A A=:", "a=: AA==:", "b=:AA==:",
                                "a=:AA==:,", "a=:AA==: b=:AA==:", "a=:====:", "a=:AA==:;x=1"}) {
    const auto parsed = ParseSignature("a=(\"x\")", signature);
    ASSERT_FALSE(parsed) << signature;
    EXPECT_EQ(parsed.error().field, "Signature") << signature;
  }
  const std::string names[] = {"@method", "cookie"};
  EXPECT_FALSE(SignatureBase(names, kMessage, "()"));
}

TEST(ContentDigest, IsThatOfTheStandardsExample) {
  // RFC 9530, appendix D.
  const std::string digest = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
  EXPECT_EQ(ContentDigest(R"({"hello": "world"})"), digest);
  EXPECT_TRUE(CheckContentDigest(digest, R"({"hello": "world"})"));
  EXPECT_TRUE(CheckContentDigest("sha-512=:AAAA:, " + digest, R"({"hello": "world"})"));
  EXPECT_TRUE(CheckContentDigest("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", ""));
  for (const std::string& bad : {std::string(), std::string("sha-256"), std::string("sha-512=:AAAA:"), digest + ",",
                                 std::string("sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=")}) {
    EXPECT_FALSE(CheckContentDigest(bad, R"({"hello": "world"})")) << bad;
  }
  EXPECT_FALSE(CheckContentDigest(digest, R"({"hello": "World"})"));
}

}  // namespace
}  // namespace tagswell
