#include "trend/text_fingerprint.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

TEST(TextFingerprint, IgnoresWhatASpammerVaries) {
  const std::uint32_t first = TextFingerprint("Buy the best shoes in the whole town today");
  ASSERT_NE(first, 0U);
  EXPECT_EQ(TextFingerprint("BUY the BEST shoes in the whole town today!!! 7"), first);
  EXPECT_EQ(TextFingerprint("Buy the best shoes in the whole town today \xF0\x9F\x98\x80\xF0\x9F\x91\x9F"), first);
  EXPECT_EQ(TextFingerprint("buy the best shoes, in the whole town... today #sale7 @someone https://example.com/x?y=9"),
            first);
  EXPECT_EQ(TextFingerprint("  buy   the best shoes\nin the whole town today 12345"), first);
}

TEST(TextFingerprint, TellsDifferentTextsApart) {
  EXPECT_NE(TextFingerprint("Buy the best shoes in the whole town today"),
            TextFingerprint("Buy the best boots in the whole town today"));
  EXPECT_NE(TextFingerprint("привет всем кто сегодня вышел на улицу"),
            TextFingerprint("привет всем кто сегодня остался дома"));
}

TEST(TextFingerprint, SaysNothingAboutShortTexts) {
  EXPECT_EQ(TextFingerprint(""), 0U);
  EXPECT_EQ(TextFingerprint("me too"), 0U);
  EXPECT_EQ(TextFingerprint("#averylonghashtagthatgoesonandonandon 12345678901234567890"), 0U);
  EXPECT_EQ(TextFingerprint("#"), 0U);
  EXPECT_EQ(TextFingerprint("\xF0\x9F\x98\x80"), 0U);
}

}  // namespace
}  // namespace tagswell
