#include "server/net/ip_address.h"

#include <gtest/gtest.h>

#include "server/net/network_set.h"

namespace tagswell {
namespace {

IpAddress Parsed(const std::string& text) {
  const auto address = IpAddress::Parse(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(IpAddress());
}

TEST(IpAddress, HasOneFormHoweverItIsWritten) {
  EXPECT_EQ(Parsed("192.0.2.1"), Parsed("::ffff:192.0.2.1"));
  EXPECT_EQ(Parsed("::ffff:c000:201").Text(), "192.0.2.1");
  EXPECT_EQ(Parsed("2001:DB8:0:0::1").Text(), "2001:db8::1");
  for (const char* bad : {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "localhost", "fe80::1%eth0", ":::", "1.2.3.4 ",
                          "[::1]", "2001:db8::12345"}) {
    EXPECT_FALSE(IpAddress::Parse(bad)) << bad;
  }
  EXPECT_FALSE(IpAddress::Parse(std::string("1.2.3.4\0x", 9)));
  EXPECT_FALSE(IpAddress::Parse(std::string(100'000, '1')));
}

TEST(IpAddress, KnowsThisMachine) {
  for (const char* here : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(Parsed(here).IsLoopback()) << here;
  }
  for (const char* elsewhere : {"0.0.0.0", "128.0.0.1", "::", "::2", "1::1", "::127.0.0.1"}) {
    EXPECT_FALSE(Parsed(elsewhere).IsLoopback()) << elsewhere;
  }
}

TEST(IpAddress, TakesANetworkOf64BitsForOne) {
  EXPECT_EQ(Parsed("2001:db8:1:2::1").Site(), Parsed("2001:db8:1:2:ffff:ffff:ffff:ffff").Site());
  EXPECT_NE(Parsed("2001:db8:1:2::1").Site(), Parsed("2001:db8:1:3::1").Site());
  EXPECT_NE(Parsed("192.0.2.1").Site(), Parsed("192.0.2.2").Site());
  EXPECT_NE(Parsed("1.0.2.1").Site(), Parsed("2.0.2.1").Site());
}

TEST(NetworkSet, HoldsWhatItsPrefixesHold) {
  const std::vector<std::string> texts = {"10.16.0.0/12", "192.0.2.7", "2001:db8:8000::/33"};
  const auto set = NetworkSet::Create(texts);
  ASSERT_TRUE(set);
  for (const char* in :
       {"10.16.0.0", "10.31.255.255", "192.0.2.7", "::ffff:10.20.0.1", "2001:db8:8000::", "2001:db8:ffff::1"}) {
    EXPECT_TRUE(set->Holds(Parsed(in))) << in;
  }
  for (const char* out : {"10.15.255.255", "10.32.0.0", "192.0.2.6", "2001:db8:7fff::", "2001:db9:8000::"}) {
    EXPECT_FALSE(set->Holds(Parsed(out))) << out;
  }
  EXPECT_FALSE(NetworkSet().Holds(Parsed("127.0.0.1")));
}

TEST(NetworkSet, KeepsTheVersionsApart) {
  const std::vector<std::string> all4 = {"0.0.0.0/0"};
  const std::vector<std::string> all6 = {"::/0"};
  EXPECT_TRUE(NetworkSet::Create(all4)->Holds(Parsed("203.0.113.9")));
  EXPECT_FALSE(NetworkSet::Create(all4)->Holds(Parsed("2001:db8::1")));
  EXPECT_TRUE(NetworkSet::Create(all6)->Holds(Parsed("2001:db8::1")));
  EXPECT_FALSE(NetworkSet::Create(all6)->Holds(Parsed("203.0.113.9")));
}

TEST(NetworkSet, NamesWhatIsNoNetwork) {
  for (const char* bad : {"", "example.org", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129"}) {
    const std::vector<std::string> texts = {"10.0.0.0/8", bad};
    const auto set = NetworkSet::Create(texts);
    ASSERT_FALSE(set) << bad;
    EXPECT_EQ(set.error().code, "bad_address");
    EXPECT_NE(set.error().detail.find('"' + std::string(bad) + '"'), std::string::npos);
  }
}

}  // namespace
}  // namespace tagswell
