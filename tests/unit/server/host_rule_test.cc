#include "server/net/host_rule.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

TEST(HostRule, AnswersUnderTheNamesOfThisMachine) {
  const HostRule rule({});
  for (const char* host :
       {"localhost", "LOCALHOST:8080", "localhost.", "board.localhost:80", "127.0.0.1", "127.9.8.7:1", "[::1]",
        "[::1]:8080", "[0:0:0:0:0:0:0:1]", "tagswell", "tagswell:8080", ""}) {
    EXPECT_TRUE(rule.Allows(host)) << host;
  }
}

TEST(HostRule, RefusesNamesThatSomebodyElseGivesOut) {
  const HostRule rule({});
  for (const char* host : {"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example",
                           "127.0.0.1.nip.io", "evil.example.", "notlocalhost.com", "x.localhost.com", "192.0.2.7",
                           "0.0.0.0:8080", "[2001:db8::1]:80", "[::]", "[::ffff:192.0.2.7]", "[evil.example]"}) {
    EXPECT_FALSE(rule.Allows(host)) << host;
  }
}

TEST(HostRule, AnswersUnderTheNamesItIsGiven) {
  const HostRule rule({"Tags.example", "192.0.2.7", "2001:db8::1"});
  for (const char* host : {"tags.example", "TAGS.EXAMPLE:443", "tags.example.", "192.0.2.7:8080", "[2001:DB8::1]:80"}) {
    EXPECT_TRUE(rule.Allows(host)) << host;
  }
  EXPECT_FALSE(rule.Allows("www.tags.example"));
  EXPECT_FALSE(rule.Allows("xtags.example"));
}

}  // namespace
}  // namespace tagswell
