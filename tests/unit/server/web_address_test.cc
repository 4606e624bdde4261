#include "server/net/web_address.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

TEST(WebAddress, HasItsParts) {
  const auto address = ParseWebAddress("WSS://Jet.example:8443/subscribe?a=1&b=2");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->scheme, "wss");
  EXPECT_EQ(address->host, "Jet.example");
  EXPECT_EQ(address->port, "8443");
  EXPECT_EQ(address->target, "/subscribe?a=1&b=2");
  EXPECT_EQ(address->Text(), "wss://Jet.example:8443/subscribe?a=1&b=2");
}

TEST(WebAddress, KnowsWhatItLeavesOut) {
  EXPECT_EQ(ParseWebAddress("https://a.example")->target, "/");
  EXPECT_FALSE(ParseWebAddress("https://a.example")->has_path());
  EXPECT_FALSE(ParseWebAddress("https://a.example/?x=1")->has_path());
  EXPECT_TRUE(ParseWebAddress("https://a.example/?x=1")->has_query());
  EXPECT_TRUE(ParseWebAddress("https://a.example/b")->has_path());
  EXPECT_EQ(ParseWebAddress("ws://[::1]:8080/b")->host, "::1");
  EXPECT_EQ(ParseWebAddress("ws://[::1]:8080/b")->Text(), "ws://[::1]:8080/b");
}

TEST(WebAddress, RefusesWhatIsNone) {
  EXPECT_EQ(ParseWebAddress("").error().code, "bad_url");
  EXPECT_EQ(ParseWebAddress("wss://").error().code, "bad_url");
  EXPECT_EQ(ParseWebAddress("jet.example").error().code, "bad_url");
}

TEST(WebAddress, ResolvesAReference) {
  const WebAddress base = *ParseWebAddress("wss://a.example/x/y?q=1");
  EXPECT_EQ(ResolveReference(base, "/z?c=2")->Text(), "wss://a.example/z?c=2");
  EXPECT_EQ(ResolveReference(base, "z")->Text(), "wss://a.example/x/z");
  EXPECT_EQ(ResolveReference(base, "https://b.example/w")->Text(), "https://b.example/w");
}

}  // namespace
}  // namespace tagswell
