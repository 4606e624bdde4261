#include "trend/author_host.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

TEST(AuthorHost, StandsBehindTheLastAtOrInTheUrl) {
  EXPECT_EQ(HostOf("alice@mastodon.example"), "mastodon.example");
  EXPECT_EQ(HostOf("@alice@mastodon.example"), "mastodon.example");
  EXPECT_EQ(HostOf("https://pleroma.example/users/alice"), "pleroma.example");
  EXPECT_EQ(HostOf("https://pleroma.example"), "pleroma.example");
}

TEST(AuthorHost, IsNotMadeUp) {
  for (const char* author : {"", "alice", "@alice", "did:plc:z72i7hdynmk6r22z27h6tvur", "alice@", "1234"}) {
    EXPECT_EQ(HostOf(author), "") << author;
    EXPECT_EQ(HostHash(author, HashSalt{1}), 0) << author;
  }
}

TEST(AuthorHost, HashIsOfTheHostAlone) {
  const auto hash = HostHash("alice@a.example", HashSalt{1});
  EXPECT_NE(hash, 0);
  EXPECT_EQ(hash, HostHash("bob@a.example", HashSalt{1}));
  EXPECT_NE(hash, HostHash("alice@b.example", HashSalt{1}));
}

}  // namespace
}  // namespace tagswell
