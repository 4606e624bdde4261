#include "server/fasp/registration.h"

#include <gtest/gtest.h>

#include "server/base64.h"

namespace tagswell {
namespace {

// As the specification's own example has it.
const std::string kKey = *FromBase64("KvVQVgD4/WcdgbUDWH7EVaYX9W7Jz5fGWt+Wg8h+YvI=");

TEST(Registration, FindsWhereAServerAnswersProviders) {
  EXPECT_EQ(NodeInfoUrl(R"({"links":[
    {"rel":"http://nodeinfo.diaspora.software/ns/schema/2.1","href":"https://m.example/nodeinfo/2.1"},
    {"rel":"http://nodeinfo.diaspora.software/ns/schema/2.0","href":"https://m.example/nodeinfo/2.0"},
    {"rel":"https://www.w3.org/ns/activitystreams#Application","href":"https://m.example/actor"}]})"),
            "https://m.example/nodeinfo/2.1");
  EXPECT_EQ(FaspBaseUrl(R"({"version":"2.0","metadata":{"nodeName":"m","faspBaseUrl":"https://m.example/api/fasp/"}})"),
            "https://m.example/api/fasp");
  for (const char* none :
       {"", "[]", "{}", R"({"links":{}})", R"({"links":[1]})", R"({"links":[{"rel":"x","href":"https://m"}]})",
        R"({"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.0"}]})",
        R"({"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.0","href":"file:///etc"}]})"}) {
    EXPECT_FALSE(NodeInfoUrl(none)) << none;
  }
  for (const char* none :
       {"", "[]", "{}", R"({"metadata":[]})", R"({"metadata":{}})", R"({"metadata":{"faspBaseUrl":7}})",
        R"({"metadata":{"faspBaseUrl":"gopher://m.example"}})"}) {
    EXPECT_FALSE(FaspBaseUrl(none)) << none;
  }
}

TEST(Registration, SaysWhoRegistersAndReadsWhoAnswers) {
  EXPECT_EQ(RegistrationRequest("Example FASP", "https://fasp.example.com", "b2ks6vm8p23w", kKey),
            R"({"name":"Example FASP","baseUrl":"https://fasp.example.com","serverId":"b2ks6vm8p23w",)"
            R"("publicKey":"KvVQVgD4/WcdgbUDWH7EVaYX9W7Jz5fGWt+Wg8h+YvI="})");
  const auto answer =
      ParseRegistrationAnswer(R"({"faspId":"dfkl3msw6ps3","publicKey":"KvVQVgD4/WcdgbUDWH7EVaYX9W7Jz5fGWt+Wg8h+YvI=",)"
                              R"("registrationCompletionUri":"https://fedi.example.com/admin/fasps"})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->fasp_id, "dfkl3msw6ps3");
  EXPECT_EQ(answer->public_key, kKey);
  EXPECT_EQ(answer->completion_url, "https://fedi.example.com/admin/fasps");
  EXPECT_EQ(ParseRegistrationAnswer(R"({"faspId":"7","publicKey":"KvVQVgD4/WcdgbUDWH7EVaYX9W7Jz5fGWt+Wg8h+YvI=",)"
                                    R"("registrationCompletionUri":"javascript:alert"})")
                ->completion_url,
            "");
  for (const char* bad :
       {"", "{}", R"({"faspId":"","publicKey":"KvVQVgD4/WcdgbUDWH7EVaYX9W7Jz5fGWt+Wg8h+YvI="})",
        R"({"faspId":7,"publicKey":"KvVQVgD4/WcdgbUDWH7EVaYX9W7Jz5fGWt+Wg8h+YvI="})",
        R"({"faspId":"a\nb","publicKey":"KvVQVgD4/WcdgbUDWH7EVaYX9W7Jz5fGWt+Wg8h+YvI="})",
        R"({"faspId":"7","publicKey":"KvVQVgD4"})", R"({"faspId":"7","publicKey":"?"})", R"({"faspId":"7"})"}) {
    EXPECT_FALSE(ParseRegistrationAnswer(bad)) << bad;
  }
}

TEST(Registration, ShowsKeysByTheirFingerprint) {
  EXPECT_EQ(KeyFingerprint(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_NE(KeyFingerprint(kKey), KeyFingerprint(kKey.substr(1)));
}

}  // namespace
}  // namespace tagswell
