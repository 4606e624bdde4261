#include "server/net/target.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

TEST(Target, WhatIsPercentEncodedIsDecodedToTheSame) {
  EXPECT_EQ(PercentEncode("a-Z_0.~"), "a-Z_0.~");
  EXPECT_EQ(PercentEncode("#été & +"), "%23%C3%A9t%C3%A9%20%26%20%2B");
  for (const std::string_view text : {"", "#été & +", "a/b?c=d", "日本", "100 %"}) {
    EXPECT_EQ(PercentDecode(PercentEncode(text), false), text);
    EXPECT_EQ(PercentDecode(PercentEncode(text), true), text);
  }
}

}  // namespace
}  // namespace tagswell
