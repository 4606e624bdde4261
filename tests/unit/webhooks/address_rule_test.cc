#include "server/webhooks/address_rule.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace tagswell {
namespace {

bool Allows(const AddressRule& rule, const std::string& text) {
  sockaddr_storage storage{};
  if (text.find(':') == std::string::npos) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    EXPECT_EQ(inet_pton(AF_INET, text.c_str(), &in.sin_addr), 1) << text;
    std::memcpy(&storage, &in, sizeof in);
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &in.sin6_addr), 1) << text;
    std::memcpy(&storage, &in, sizeof in);
  }
  return rule.Allows(reinterpret_cast<const sockaddr&>(storage));
}

TEST(AddressRule, RefusesWhatIsInside) {
  const auto rule = AddressRule::Create({});
  ASSERT_TRUE(rule);
  for (const char* inside : {"0.0.0.0",
                             "10.1.2.3",
                             "100.64.0.1",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.255.255",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.168.1.1",
                             "192.0.2.1",
                             "198.18.0.1",
                             "224.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "fe80::1",
                             "fc00::1",
                             "fd12::1",
                             "ff02::1",
                             "2001:db8::1",
                             "::ffff:127.0.0.1",
                             "::ffff:10.0.0.1",
                             "64:ff9b::7f00:1",
                             "2002:7f00:1::",
                             "2001::1",
                             "::127.0.0.1"}) {
    EXPECT_FALSE(Allows(*rule, inside)) << inside;
  }
  for (const char* outside :
       {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "172.15.255.255",
        "172.32.0.0", "192.167.255.255", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1"}) {
    EXPECT_TRUE(Allows(*rule, outside)) << outside;
  }
}

TEST(AddressRule, AllowsWhatTheConfigurationNames) {
  const auto rule = AddressRule::Create({"10.1.0.0/16", "192.168.7.7", "fd00:1::/32", "::1"});
  ASSERT_TRUE(rule);
  for (const char* allowed : {"10.1.255.1", "192.168.7.7", "fd00:1::7", "::1", "::ffff:10.1.0.1"}) {
    EXPECT_TRUE(Allows(*rule, allowed)) << allowed;
  }
  for (const char* refused : {"10.2.0.1", "192.168.7.8", "fd00:2::7", "127.0.0.1"}) {
    EXPECT_FALSE(Allows(*rule, refused)) << refused;
  }
}

TEST(AddressRule, NamesWhatIsNoAddress) {
  for (const char* bad : {"localhost", "10.0.0.0/33", "10.0.0/8", "fd00::/129", ""}) {
    const auto rule = AddressRule::Create({bad});
    ASSERT_FALSE(rule) << bad;
    EXPECT_EQ(rule.error().code, "bad_address");
  }
}

TEST(AddressRule, RefusesOtherKindsOfAddresses) {
  const auto rule = AddressRule::Create({"0.0.0.0/0", "::/0"});
  sockaddr_storage storage{};
  storage.ss_family = AF_UNIX;
  EXPECT_FALSE(rule->Allows(reinterpret_cast<const sockaddr&>(storage)));
}

}  // namespace
}  // namespace tagswell
