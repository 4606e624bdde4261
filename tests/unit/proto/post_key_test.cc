#include "proto/post_key.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tagswell {
namespace {

TEST(PostKey, TellsSourcesIdsAndSaltsApart) {
  std::set<PostKey> keys;
  for (const char* source : {"", "a", "ab", "twitter"}) {
    for (const char* id : {"", "b", "bc", "c", "1"}) {
      for (const std::uint64_t salt : {0U, 1U}) keys.insert(KeyOf(source, id, HashSalt{salt}));
    }
  }
  EXPECT_EQ(keys.size(), 4U * 5 * 2);
}

TEST(PostKey, IsTheSameWhereverTheBytesLie) {
  const std::string source = "twitter";
  const std::string id(256, 'x');
  EXPECT_EQ(KeyOf(source, id, HashSalt{7}), KeyOf(std::string(source), std::string(id), HashSalt{7}));
  EXPECT_EQ(AuthorHash(id, HashSalt{7}), AuthorHash(std::string(id), HashSalt{7}));
  EXPECT_NE(AuthorHash(id, HashSalt{7}), AuthorHash(id, HashSalt{8}));
}

}  // namespace
}  // namespace tagswell
