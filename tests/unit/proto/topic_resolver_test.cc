#include "proto/topic_resolver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <string>
#include <vector>

#include "proto/phrase_matcher.h"
#include "proto/tag_key.h"

namespace tagswell {
namespace {

using Strings = std::vector<std::string>;

TopicResolver Resolver(std::vector<Alias> aliases = {}) {
  return TopicResolver::Create(aliases).value();
}

// "topic=spelling", with '~' behind those found by phrase.
Strings Resolve(const TopicResolver& resolver, std::string_view text) {
  Arena arena;
  std::vector<Mention> mentions;
  resolver.FromText(text, arena, mentions);
  Strings found;
  for (const Mention& mention : mentions) {
    found.push_back(std::string(mention.topic) + "=" + std::string(mention.spelling) + (mention.by_phrase ? "~" : ""));
  }
  return found;
}

const Alias kMeToo{.topic = "metoo", .tags = {"#MeToo", "#balanceTonPorc"}, .phrases = {"me too", "Moi  Aussi"}};

TEST(TopicResolver, KeysTagsAndCountsEachOnce) {
  EXPECT_EQ(Resolve(Resolver(), "#MeToo #metoo #Rain \uFF03\uFF28\uFF29 #hi #Fu\u00DFball #FUSSBALL"),
            (Strings{"metoo=MeToo", "rain=Rain", "hi=\uFF28\uFF29", "fussball=Fu\u00DFball"}));
  EXPECT_EQ(Resolve(Resolver(), "nothing, me too"), Strings{});
}

TEST(TopicResolver, CountsAllOfAnAliasGroupAsOne) {
  EXPECT_EQ(Resolve(Resolver({kMeToo}), "#BalanceTonPorc and #MeToo and me too #x"),
            (Strings{"metoo=BalanceTonPorc", "x=x"}));
}

TEST(TopicResolver, FindsPhrasesAmongTagsInTheirOrder) {
  EXPECT_EQ(Resolve(Resolver({kMeToo}), "#a Me\t\n TOO! #b"), (Strings{"a=a", "metoo=Me\t\n TOO~", "b=b"}));
  EXPECT_EQ(Resolve(Resolver({kMeToo}), "me too #metoo"), Strings{"metoo=me too~"});
  EXPECT_EQ(Resolve(Resolver({kMeToo}), "moi aussi"), Strings{"metoo=moi aussi~"});
}

TEST(TopicResolver, MatchesPhrasesOnWordBoundariesOnly) {
  for (const char* text : {"some too", "me tools", "me  too1", "me_too", "#me too", "@me too", "metoo", "me-too",
                           "me, too", "me toо" /* a Cyrillic o */, "me too\u0301"}) {
    EXPECT_EQ(Resolve(Resolver({kMeToo}), text).size() - (text[0] == '#' ? 1 : 0), 0U) << text;
  }
  for (const char* text : {"me too", "(me too)", "\u201CMe too\u201D", "me me too too", "\uFF4D\uFF45 too",
                           "Me\u00A0Too", "\U0001F600me too\U0001F600", "me\u3000too", "ME TOO."}) {
    EXPECT_EQ(Resolve(Resolver({kMeToo}), text).size(), 1U) << text;
  }
}

TEST(TopicResolver, FoldsPhrasesAsItFoldsTags) {
  const TopicResolver resolver =
      Resolver({{.topic = "school",
                 .tags = {},
                 .phrases = {"\u00E9cole stra\u00DFe", "\u043C\u043D\u0435 \u0442\u043E\u0436\u0435"}}});
  EXPECT_EQ(Resolve(resolver, "E\u0301COLE STRASSE").size(), 1U);
  EXPECT_EQ(Resolve(resolver, "xe\u0301cole strasse").size(), 0U);
  EXPECT_EQ(Resolve(resolver, "\u041C\u041D\u0415 \u0422\u041E\u0416\u0415").size(), 1U);
}

TEST(TopicResolver, TakesTheTagsThatTheSenderNames) {
  const TopicResolver resolver = Resolver({kMeToo});
  Arena arena;
  std::vector<Mention> mentions;
  const std::vector<std::string_view> tags = {
      "#Rain", "SUN", "123", "", "#", "rain", "a\nb", "c++", "\uFF03Balancetonporc"};
  resolver.FromTags(tags, "#snow me too", arena, mentions);
  Strings topics;
  for (const Mention& mention : mentions) topics.emplace_back(mention.topic);
  EXPECT_EQ(topics, (Strings{"rain", "sun", "c++", "metoo"}));
}

TEST(TopicResolver, RefusesGroupsThatMeanNothing) {
  const std::vector<std::vector<Alias>> bad = {
      {{.topic = "", .tags = {"a"}, .phrases = {}}},
      {{.topic = "a", .tags = {"#1"}, .phrases = {}}},
      {{.topic = "a", .tags = {""}, .phrases = {}}},
      {{.topic = "a", .tags = {}, .phrases = {" "}}},
      {{.topic = "a", .tags = {}, .phrases = {"!?"}}},
      {{.topic = "a", .tags = {}, .phrases = {std::string(300, 'x')}}},
      {{.topic = "a", .tags = {"\xff"}, .phrases = {}}},
      {{.topic = "a", .tags = {"X"}, .phrases = {}}, {.topic = "b", .tags = {"#x"}, .phrases = {}}},
      {{.topic = "a", .tags = {}, .phrases = {"x  y"}}, {.topic = "b", .tags = {}, .phrases = {"X Y"}}},
  };
  for (const auto& aliases : bad) {
    const auto resolver = TopicResolver::Create(aliases);
    ASSERT_FALSE(resolver);
    EXPECT_EQ(resolver.error().code, "bad_alias");
  }
}

TEST(TopicResolver, StaysDistinctAmongThousandsOfTags) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "#t" + std::to_string(i % 1000) + " ";
  EXPECT_EQ(Resolve(Resolver(), text).size(), 1000U);
}

// Every phrase tried at every place, by the words of the header.
Strings NaiveMatches(const Strings& phrases, const std::string& text) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  Strings found;
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (std::isspace(static_cast<unsigned char>(text[begin])) != 0) continue;
    if (begin != 0 && (text[begin - 1] == '#' || text[begin - 1] == '@')) continue;
    if (begin != 0 && is_word(text[begin - 1]) && is_word(text[begin])) continue;
    for (std::size_t end = begin + 1; end <= text.size(); ++end) {
      if (end < text.size() && is_word(text[end]) && is_word(text[end - 1])) continue;
      if (std::isspace(static_cast<unsigned char>(text[end - 1])) != 0) continue;
      const std::string folded = FoldedPhrase(std::string_view(text).substr(begin, end - begin));
      for (std::size_t i = 0; i < phrases.size(); ++i) {
        if (folded == phrases[i]) {
          found.push_back(std::to_string(begin) + "-" + std::to_string(end) + " " + std::to_string(i));
        }
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

TEST(PhraseMatcher, AgreesWithTryingEveryPhraseAtEveryPlace) {
  constexpr std::uint64_t kSeed = 5;
  std::mt19937_64 random(kSeed);
  std::string_view alphabet;
  const auto any = [&](std::uint64_t size_max) {
    std::string text;
    for (std::uint64_t n = random() % size_max + 1; n != 0; --n) text += alphabet[random() % alphabet.size()];
    return text;
  };
  for (int round = 0; round < 300; ++round) {
    // Phrases that start with one letter are looked for in another way than those that start with many.
    alphabet = round % 2 == 0 ? "aabbAB  \t!#@" : "aA    \t";
    Strings phrases;
    for (int i = 0; i < 8; ++i) {
      const std::string phrase = FoldedPhrase(any(6));
      if (!phrase.empty() && std::ranges::find(phrases, phrase) == phrases.end()) phrases.push_back(phrase);
    }
    const PhraseMatcher matcher(phrases);
    for (int i = 0; i < 50; ++i) {
      const std::string text = any(40);
      std::vector<PhraseMatch> matches;
      matcher.Find(text, matches);
      Strings found;
      for (const PhraseMatch& match : matches) {
        found.push_back(std::to_string(match.begin) + "-" + std::to_string(match.end) + " " +
                        std::to_string(match.phrase));
      }
      std::sort(found.begin(), found.end());
      ASSERT_EQ(found, NaiveMatches(phrases, text)) << "\"" << text << "\", seed " << kSeed << ", round " << round;
    }
  }
}

TEST(Arena, KeepsWhatItGaveUntilItIsCleared) {
  Arena arena;
  std::vector<std::string_view> views;
  Strings expected;
  for (std::size_t i = 0; i < 3000; ++i) {
    expected.push_back(std::string(i % 7 == 0 ? 70'000 + i : i % 300, static_cast<char>('a' + i % 26)));
    if (expected.back().size() > 70'100) expected.back().resize(90);
    views.push_back(arena.Copy(expected.back()));
  }
  for (std::size_t i = 0; i < views.size(); ++i) ASSERT_EQ(views[i], expected[i]);
  arena.Clear();
  EXPECT_EQ(arena.Copy("again"), "again");
}

}  // namespace
}  // namespace tagswell
