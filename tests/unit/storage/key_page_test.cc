#include "storage/key_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tagswell {
namespace {

TEST(KeyPage, FindsItsKeysAndNoOthers) {
  std::mt19937_64 random(3);
  for (const std::size_t count : {1U, 2U, 100U, 256U}) {
    std::vector<KeyEntry> entries(count);
    for (KeyEntry& entry : entries) {
      entry = {.key = {.high = random(), .low = static_cast<std::uint32_t>(random())}, .offset = random() >> 16};
    }
    std::ranges::sort(entries, {}, &KeyEntry::key);
    std::string page;
    EncodeKeyPage(entries, page);
    std::vector<KeyEntry> decoded;
    ASSERT_TRUE(DecodeKeyPage(page, decoded));
    ASSERT_EQ(decoded.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(decoded[i].key, entries[i].key);
      EXPECT_EQ(FindInKeyPage(page, entries[i].key), entries[i].offset);
      EXPECT_FALSE(FindInKeyPage(page, {.high = random(), .low = 0}).has_value());
    }
  }
}

TEST(KeyPage, RefusesBytesOfAWrongSize) {
  std::vector<KeyEntry> entries(3);
  std::string page;
  EncodeKeyPage(entries, page);
  std::vector<KeyEntry> decoded;
  EXPECT_FALSE(DecodeKeyPage(page.substr(1), decoded));
  EXPECT_FALSE(DecodeKeyPage("", decoded));
  EXPECT_FALSE(FindInKeyPage("x", {}).has_value());
}

}  // namespace
}  // namespace tagswell
