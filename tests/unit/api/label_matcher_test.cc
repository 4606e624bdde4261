#include "server/api/label_matcher.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

using Type = LabelMatcher::Type;
using Names = std::vector<std::string>;

LabelMatcher Matcher(Type type, const std::string& value) {
  return LabelMatcher::Create(type, "topic", value).value();
}

TEST(LabelMatcher, MatchesWholeValues) {
  EXPECT_TRUE(Matcher(Type::kEqual, "rain").Matches("rain"));
  EXPECT_FALSE(Matcher(Type::kEqual, "rain").Matches("rainy"));
  EXPECT_TRUE(Matcher(Type::kNotEqual, "rain").Matches("rainy"));
  EXPECT_FALSE(Matcher(Type::kNotEqual, "rain").Matches("rain"));
  EXPECT_TRUE(Matcher(Type::kMatches, "ra.*|sun").Matches("rainy"));
  EXPECT_FALSE(Matcher(Type::kMatches, "ra|sun").Matches("rainy"));
  EXPECT_FALSE(Matcher(Type::kMatches, "ain").Matches("rain"));
  EXPECT_TRUE(Matcher(Type::kMatchesNot, "ain").Matches("rain"));
  EXPECT_FALSE(Matcher(Type::kMatchesNot, "r.+").Matches("rain"));
  EXPECT_TRUE(Matcher(Type::kMatches, "日.").Matches("日本"));
  EXPECT_TRUE(Matcher(Type::kMatches, "").Matches(""));
  EXPECT_FALSE(Matcher(Type::kNotEqual, "").Matches(""));
}

TEST(LabelMatcher, NamesTheValuesThatCanMatch) {
  EXPECT_EQ(Matcher(Type::kEqual, "a.b").Named(), Names({"a.b"}));
  EXPECT_EQ(Matcher(Type::kMatches, "sun|rain|sun").Named(), Names({"rain", "sun"}));
  EXPECT_EQ(Matcher(Type::kMatches, "rain|").Named(), Names({"", "rain"}));
  for (const char* pattern : {"a.b", "a|b+", "(a|b)", "[ab]", "^a", "a$", "a\\|b", "a{2}", "a?"})
    EXPECT_EQ(Matcher(Type::kMatches, pattern).Named(), std::nullopt) << pattern;
  EXPECT_EQ(Matcher(Type::kNotEqual, "a").Named(), std::nullopt);
  EXPECT_EQ(Matcher(Type::kMatchesNot, "a|b").Named(), std::nullopt);
}

TEST(LabelMatcher, RefusesPatternsThatAreNoneOrTooLarge) {
  for (const char* pattern : {"(", "a**", "[z-a]", "(?=a)", "((a{100}){100}){100}"}) {
    const auto matcher = LabelMatcher::Create(Type::kMatches, "topic", pattern);
    ASSERT_FALSE(matcher.has_value()) << pattern;
    EXPECT_EQ(matcher.error().code, "bad_matcher");
    EXPECT_EQ(matcher.error().field, "topic");
    EXPECT_TRUE(LabelMatcher::Create(Type::kEqual, "topic", pattern).has_value());
  }
}

TEST(LabelMatcher, TakesNoLongerThanTheValueIsLong) {
  EXPECT_FALSE(Matcher(Type::kMatches, "(a|aa|a*)*b").Matches(std::string(50'000, 'a')));
}

}  // namespace
}  // namespace tagswell
