#include "server/webhooks/signature.h"

#include <gtest/gtest.h>

#include <string>

namespace tagswell {
namespace {

// The example of the Standard Webhooks libraries' own tests.
TEST(Signature, IsThatOfStandardWebhooks) {
  const auto key = WebhookKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->size(), 24U);
  EXPECT_EQ(WebhookSignature(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Signature, TakesKeysOfTwentyFourToSixtyFourBytes) {
  EXPECT_EQ(WebhookKey("whsec_" + std::string(32, 'A'))->size(), 24U);
  EXPECT_EQ(WebhookKey("whsec_" + std::string(33, 'A') + "AA=")->size(), 26U);
  EXPECT_EQ(WebhookKey("whsec_" + std::string(86, 'A') + "==")->size(), 64U);
  for (const std::string& bad : {std::string(), std::string("whsec_"), "whsec_" + std::string(28, 'A'),
                                 "whsec_" + std::string(88, 'A'), std::string(32, 'A'), "whsec_" + std::string(31, 'A'),
                                 "whsec_" + std::string(31, 'A') + "!", "whsec_" + std::string(4000, 'A')}) {
    EXPECT_FALSE(WebhookKey(bad)) << bad.substr(0, 50);
  }
}

}  // namespace
}  // namespace tagswell
