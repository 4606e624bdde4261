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
      entry = {.key = {.high = random(), .low = static_cast<std::uint16_t>(random())}, .offset = random() >> 16};
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

// Neighbours that differ in the last bits only, all in one block, and the widest values there are.
TEST(KeyPage, HoldsRowsOfAnyWidth) {
  constexpr PackedPosition kLast = (PackedPosition{1} << 48) - 1;
  const std::vector<std::vector<KeyEntry>> pages = {
      {{.key = {.high = 7, .low = 7}, .offset = 0}},
      {{.key = {.high = 7, .low = 7}, .offset = 5}, {.key = {.high = 7, .low = 8}, .offset = 6}},
      {{.key = {.high = 0, .low = 0}, .offset = kLast}, {.key = {.high = ~0ULL, .low = 0xffff}, .offset = 0}},
      {{.key = {.high = 1, .low = 0}, .offset = 1 << 24}, {.key = {.high = 1ULL << 32, .low = 1}, .offset = 3}}};
  for (const std::vector<KeyEntry>& entries : pages) {
    std::string page;
    EncodeKeyPage(entries, page);
    for (const KeyEntry& entry : entries) EXPECT_EQ(FindInKeyPage(page, entry.key), entry.offset);
    EXPECT_FALSE(FindInKeyPage(page, {.high = 7, .low = 9}).has_value());
  }
}

TEST(KeyPage, RefusesBytesOfAWrongSize) {
  const std::vector<KeyEntry> entries(3);
  std::string page;
  EncodeKeyPage(entries, page);
  std::vector<KeyEntry> decoded;
  EXPECT_FALSE(DecodeKeyPage(page.substr(1), decoded));
  EXPECT_FALSE(DecodeKeyPage("", decoded));
  EXPECT_FALSE(FindInKeyPage("x", {}).has_value());
}

}  // namespace
}  // namespace tagswell
