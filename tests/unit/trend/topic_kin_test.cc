#include "trend/topic_kin.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace tagswell {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Kind = TopicKin::Kind;

constexpr HashSalt kSalt{7};
const Timestamp kStart = Timestamp{} + hours(100'000);
const Timestamp kTrend = kStart + minutes(60);

bool Holds(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// A post that owns its words.
struct Said {
  std::string author;
  int minute = 0;
  std::vector<std::string> topics;
  std::string lang = "en";

  Post AsPost() const {
    Post post;
    post.author = author;
    post.created_at = kStart + minutes(minute);
    post.lang = lang;
    for (const std::string& topic : topics) post.mentions.push_back({topic, topic});
    return post;
  }
  bool Has(const std::string& topic) const { return Holds(topics, topic); }
};
using Stream = std::vector<Said>;

// What the server samples of a stream, here all of it: the topic's posts, everybody's, and the candidate's.
struct Story {
  Story(const Stream& stream, const std::string& topic) : stream_(stream), topic_(topic), kin(topic, kTrend, kSalt) {
    for (const Said& said : stream) {
      if (said.Has(topic)) kin.AddPost(said.AsPost());
      kin.AddBystander(said.AsPost());
    }
  }

  // `trended_at`: the candidate's latest trend, if any.
  std::optional<TopicKin::Kin> Judge(const std::string& name, std::size_t candidates = 1,
                                     std::optional<Timestamp> trended_at = kTimestampMin) const {
    KinCandidate candidate(topic_, kSalt);
    std::size_t first = 0;
    for (const Said& said : stream_) {
      if (!said.Has(name)) continue;
      first++ < 100 ? candidate.AddFirst(said.AsPost()) : candidate.AddLater(said.AsPost());
    }
    return kin.Judge(name, candidate, candidates, [&](Timestamp from) { return trended_at && *trended_at >= from; });
  }

  const Stream& stream_;
  const std::string topic_;
  TopicKin kin;
};

// Six hours: 600 people of "metoo", 900 everyday people in two languages, most of whom do not use it.
Stream Everyday() {
  Stream stream;
  for (int i = 0; i < 600; ++i) stream.push_back({"m" + std::to_string(i), i * 6 / 10, {"metoo"}});
  for (int i = 0; i < 900; ++i) {
    const bool french = i % 3 == 0;
    const std::string author = (french ? "f" : "e") + std::to_string(i % 450);
    stream.push_back({author, i * 4 / 10, {french ? "bonjour" : "music"}, french ? "fr" : "en"});
  }
  for (int i = 0; i < 450; i += 90) stream.push_back({"f" + std::to_string(i), 200 + i / 10, {"metoo"}, "fr"});
  std::ranges::sort(stream, {}, [](const Said& said) { return std::pair(said.minute, said.author); });
  return stream;
}

void Put(Stream& stream, Said said) {
  stream.insert(std::ranges::upper_bound(stream, said.minute, {}, &Said::minute), std::move(said));
}

TEST(TopicKin, TellsOfTheYoungerTopicThatGrewOutOfIt) {
  Stream stream = Everyday();
  for (int i = 0; i < 60; ++i) {
    const bool grown = i % 3 != 0;
    Put(stream, {(grown ? "m" : "w") + std::to_string(i), 240 + i,
                 grown ? std::vector<std::string>{"metoo", "wetoo"} : std::vector<std::string>{"wetoo"}});
  }
  const Story story(stream, "metoo");
  EXPECT_EQ(story.kin.Candidates(1), std::vector<std::string>{"wetoo"});
  const auto kin = story.Judge("wetoo", 32);
  ASSERT_TRUE(kin);
  EXPECT_EQ(kin->kind, Kind::kSuccessor);
  EXPECT_EQ(kin->lang, "en");
  EXPECT_EQ(kin->first_at, kStart + minutes(240));
  EXPECT_EQ(kin->authors, 60U);
  EXPECT_EQ(kin->carriers, 40U);
  EXPECT_GT(kin->lift, 10);
  // And not the other way round: what is older grew out of nothing.
  EXPECT_FALSE(Story(stream, "wetoo").Judge("metoo"));
}

TEST(TopicKin, KnowsWhatIsUsedWithItFromTheStart) {
  Stream stream = Everyday();
  for (Said& said : stream) {
    if (said.author[0] == 'm' && std::stoi(said.author.substr(1)) % 10 == 0) said.topics.push_back("news");
  }
  for (int i = 0; i < 40; ++i) Put(stream, {"n" + std::to_string(i), 120 + 5 * i, {"news"}});
  EXPECT_FALSE(Story(stream, "metoo").Judge("news"));
}

TEST(TopicKin, KnowsWhatOnlyEverDescribesIt) {
  Stream stream = Everyday();
  for (int i = 0; i < 60; ++i) Put(stream, {"m" + std::to_string(i), 240 + i, {"metoo", "metoostories"}});
  EXPECT_FALSE(Story(stream, "metoo").Judge("metoostories"));
}

TEST(TopicKin, KnowsAYoungerTopicOfOtherPeople) {
  Stream stream = Everyday();
  for (int i = 0; i < 60; ++i) Put(stream, {"x" + std::to_string(i), 240 + i, {"quake"}});
  for (int i = 0; i < 6; ++i) Put(stream, {"m" + std::to_string(i), 250 + 5 * i, {"metoo", "quake"}});
  EXPECT_FALSE(Story(stream, "metoo").Judge("quake"));
}

TEST(TopicKin, CountsPeopleNotPosts) {
  Stream stream = Everyday();
  for (int i = 0; i < 300; ++i) Put(stream, {"m" + std::to_string(i % 4), 240 + i / 3, {"metoo", "spam"}});
  for (int i = 0; i < 20; ++i) Put(stream, {"s" + std::to_string(i), 240 + i, {"spam"}});
  const Story story(stream, "metoo");
  EXPECT_FALSE(Holds(story.kin.Candidates(100), "spam"));
  EXPECT_FALSE(story.Judge("spam"));
}

TEST(TopicKin, TellsOfTheSisterInAnotherLanguage) {
  Stream stream = Everyday();
  for (int i = 0; i < 200; ++i) Put(stream, {"b" + std::to_string(i), 10 + i, {"balancetonporc"}, "fr"});
  // The same people use both, never in one post.
  for (int i = 0; i < 80; ++i) Put(stream, {"b" + std::to_string(2 * i), 250 + i, {"metoo"}, "fr"});
  for (const auto& [topic, other] : {std::pair("metoo", "balancetonporc"), std::pair("balancetonporc", "metoo")}) {
    const Story story(stream, topic);
    EXPECT_TRUE(Holds(story.kin.Candidates(10), other));
    const auto kin = story.Judge(other, 32);
    ASSERT_TRUE(kin) << topic;
    EXPECT_EQ(std::pair(kin->kind, kin->carriers), std::pair(Kind::kSister, std::uint64_t{80}));
    EXPECT_GT(kin->lift, 3);
    EXPECT_FALSE(story.Judge(other, 32, std::nullopt)) << "never trended";
  }
}

TEST(TopicKin, TakesNoEverydayTagOfAnotherLanguageForASister) {
  Stream stream = Everyday();
  // Everybody in France says it, and those who use the topic no more than others.
  for (int i = 0; i < 15; ++i) {
    for (const auto& [minute, topic] : {std::pair(100, "metoo"), {130, "bonjour"}, {160, "paris"}}) {
      Put(stream, {"g" + std::to_string(i), minute + i, {topic}, "fr"});
    }
  }
  for (int i = 0; i < 450; i += 3) Put(stream, {"f" + std::to_string(i), i * 8 / 10, {"paris"}, "fr"});
  EXPECT_FALSE(Story(stream, "metoo").Judge("bonjour"));
}

// People of "tag" in that language, the first of whom use the topic, too, in posts of their own.
void PutForeign(Stream& stream, int people, int carriers, const std::string& lang) {
  for (int i = 0; i < people; ++i) Put(stream, {"b" + std::to_string(i), 10 + i, {"tag"}, lang});
  for (int i = 0; i < carriers; ++i) Put(stream, {"b" + std::to_string(i), 250 + i / 2, {"metoo"}, lang});
}

TEST(TopicKin, TakesNoTagOfOneOfItsOwnLanguagesForASister) {
  Stream stream = Everyday();
  // Two in five people of the topic write French.
  for (int i = 0; i < 450; ++i) Put(stream, {"p" + std::to_string(i), 100 + i / 2, {"metoo"}, "fr"});
  PutForeign(stream, 150, 40, "fr");
  EXPECT_FALSE(Story(stream, "metoo").Judge("tag"));
}

TEST(TopicKin, TakesNoTagOfAnotherLanguageForASuccessor) {
  // The same that a successor does, but more than half of the people of the topic write another language.
  for (const std::string lang : {"fr", "en"}) {
    Stream stream = Everyday();
    for (int i = 0; i < 700; ++i) Put(stream, {"p" + std::to_string(i), i / 3, {"metoo"}, lang});
    for (int i = 0; i < 60; ++i) {
      const bool grown = i % 3 != 0;
      Put(stream, {(grown ? "m" : "w") + std::to_string(i), 240 + i,
                   grown ? std::vector<std::string>{"metoo", "wetoo"} : std::vector<std::string>{"wetoo"}});
    }
    EXPECT_EQ(Story(stream, "metoo").Judge("wetoo", 32).has_value(), lang == "en");
  }
}

TEST(TopicKin, KnowsALanguageThatIsOnlyEverMistaken) {
  Stream stream = Everyday();
  // Everyone of the topic writes much, and a post or two of his are taken for another language.
  for (int i = 0; i < 600; ++i) {
    for (int n = 0; n < 3; ++n) Put(stream, {"m" + std::to_string(i), 60 + i / 2 + n, {"metoo"}, "en"});
    for (const std::string lang : {"hr", "it", "nl"}) {
      if (i % 2 == 0) Put(stream, {"m" + std::to_string(i), 70 + i / 2, {"metoo"}, lang});
    }
  }
  PutForeign(stream, 150, 40, "en");
  EXPECT_FALSE(Story(stream, "metoo").Judge("tag"));
}

TEST(TopicKin, TakesAHandfulOfPeopleForNoLanguage) {
  // Twelve French people of a tag, of whom nine use a topic of twelve: two in twelve write French there. Half of them
  // may.
  for (const auto& [carriers, found] : {std::pair(2, false), std::pair(9, true)}) {
    Stream stream = Everyday();
    const int people = found ? 80 : 12;
    for (int i = 0; i < people; ++i) Put(stream, {"k" + std::to_string(i), 60 + i, {"small"}, "en"});
    for (int i = 0; i < people; ++i) Put(stream, {"b" + std::to_string(i), 100 + i, {"tag"}, "fr"});
    for (int i = 0; i < 9; ++i) {
      Put(stream, {"b" + std::to_string(i), 200 + i, {"small"}, i < carriers ? "fr" : "en"});
    }
    EXPECT_EQ(Story(stream, "small").Judge("tag").has_value(), found);
  }
}

TEST(TopicKin, TakesNothingOldForASisterUnlessItTrendedInItsDays) {
  Stream stream;
  for (int i = 0; i < 50; ++i) stream.push_back({"b" + std::to_string(i), -60 * 24 * 30, {"vieux"}, "fr"});
  for (const Said& said : Everyday()) stream.push_back(said);
  for (int i = 0; i < 30; ++i) Put(stream, {"b" + std::to_string(i), 250 + i, {"metoo", "vieux"}, "fr"});
  const Story story(stream, "metoo");
  EXPECT_FALSE(story.Judge("vieux"));
  EXPECT_FALSE(story.Judge("vieux", 1, kTrend - hours(24 * 8)));
  const auto kin = story.Judge("vieux", 1, kTrend - hours(24));
  ASSERT_TRUE(kin);
  EXPECT_EQ(kin->kind, Kind::kSister);
}

// ---- against the rules of docs/detection.md, written down once more as plainly as can be

double NegativeBinomialTail(std::uint64_t x, double mean, double shape) {
  double below = 0;
  for (std::uint64_t i = 0; i < x; ++i) {
    const auto n = static_cast<double>(i);
    below += std::exp(std::lgamma(n + shape) - std::lgamma(shape) - std::lgamma(n + 1) +
                      shape * std::log(shape / (shape + mean)) + n * std::log(mean / (shape + mean)));
  }
  return 1 - below;
}

struct Verdict {
  std::uint64_t authors = 0;
  std::uint64_t carriers = 0;
  double mean = 0;
  double tail = 1;
  bool successor = false;
  bool sister = false;
};

Verdict Naive(const Stream& stream, const std::string& topic, const std::string& name, double level) {
  std::map<std::string, int> carriers;  // to the first minute
  std::set<std::string> with;
  std::map<std::string, std::map<std::string, int>> topic_spoken, name_spoken;  // author, language, posts
  std::map<std::string, int> begun;
  std::set<std::string> early, alone, both;
  int posts = 0;
  for (const Said& said : stream) {
    if (said.Has(topic)) {
      carriers.try_emplace(said.author, said.minute);
      ++topic_spoken[said.author][said.lang];
      if (said.Has(name)) with.insert(said.author);
    }
    if (said.Has(name)) {
      if (posts++ < 100) early.insert(said.author);
      ++name_spoken[said.author][said.lang];
      begun.try_emplace(said.author, said.minute);
      (said.Has(topic) ? both : alone).insert(said.author);
    }
  }
  // Everyone in the language of most of his posts.
  const auto langs_of = [](const auto& spoken) {
    std::map<std::string, std::string> langs;
    for (const auto& [author, posts_in] : spoken) {
      langs[author] = std::ranges::max_element(posts_in, {}, [](const auto& of) { return of.second; })->first;
    }
    return langs;
  };
  const auto topic_lang = langs_of(topic_spoken);
  const auto name_lang = langs_of(name_spoken);
  std::map<std::string, double> topic_share, name_share;
  for (const auto& [author, lang] : topic_lang) topic_share[lang] += 1.0 / static_cast<double>(topic_lang.size());
  for (const auto& [author, lang] : name_lang) name_share[lang] += 1.0 / static_cast<double>(name_lang.size());
  double in_common = 0;
  for (const auto& [lang, share] : name_share) in_common += std::min(share, topic_share[lang]);
  const auto smaller = static_cast<double>(std::min(topic_lang.size(), name_lang.size()));
  const bool foreign = in_common < 0.5 && std::exp(-2 * smaller * std::pow(0.5 - in_common, 2)) <= 0.01;

  Verdict verdict;
  std::map<std::string, double> counted;
  for (const auto& [author, lang] : name_lang) {
    if (!foreign && !early.contains(author)) continue;
    ++verdict.authors;
    ++counted[lang];
    const bool carried = carriers.contains(author) && (foreign || carriers[author] <= begun[author]);
    verdict.carriers += carried || both.contains(author) ? 1 : 0;
  }
  double variance = 0;
  for (const auto& [lang, people] : counted) {
    std::map<std::pair<std::string, std::string>, std::string> uses;
    for (const Said& said : stream) {
      for (const std::string& other : said.topics) {
        if (other != topic && other != name) uses.try_emplace({said.author, other}, said.lang);
      }
    }
    double all = 1;
    double by_carriers = 1;
    std::set<std::string> using_carriers;
    for (const auto& [use, use_lang] : uses) {
      if (use_lang != lang) continue;
      ++all;
      by_carriers += carriers.contains(use.first) ? 1 : 0;
      if (carriers.contains(use.first)) using_carriers.insert(use.first);
    }
    const double expected = people * by_carriers / all;
    verdict.mean += expected;
    variance += expected + expected * expected / (1 + static_cast<double>(using_carriers.size()));
  }
  if (name_lang.size() < 10 || verdict.carriers < 5) return verdict;
  verdict.tail =
      NegativeBinomialTail(verdict.carriers, verdict.mean, verdict.mean * verdict.mean / (variance - verdict.mean));
  if (verdict.tail > level) return verdict;
  if (foreign) {
    verdict.sister = static_cast<double>(verdict.carriers) >= 3 * verdict.mean;  // all of it within a week
    return verdict;
  }
  if (in_common <= 0.5) return verdict;
  std::vector<int> uses;
  for (const std::string& author : early) uses.push_back(begun[author]);
  std::ranges::sort(uses);
  if (uses.size() < 10 || 3 * verdict.carriers < verdict.authors || 10 * alone.size() < name_lang.size())
    return verdict;
  if (kStart + minutes(uses[2]) <= kTrend) return verdict;
  const double share = static_cast<double>(with.size()) / static_cast<double>(carriers.size());
  int before = 0;
  for (const auto& [author, minute] : carriers) before += minute < uses[2] ? 1 : 0;
  double chance = 0;
  for (int k = 0; k < 3; ++k) {
    chance += std::exp(std::lgamma(before + 1) - std::lgamma(k + 1) - std::lgamma(before - k + 1)) *
              std::pow(share, k) * std::pow(1 - share, before - k);
  }
  verdict.successor = before >= 3 && share > 0 && chance < 0.01;
  return verdict;
}

TEST(TopicKin, AgreesWithTheRulesWrittenPlainly) {
  int successors = 0;
  int sisters = 0;
  for (unsigned seed = 1; seed <= 150; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    Stream stream = Everyday();
    const int people = 12 + below(120);
    const int start = below(300);
    const int kinship = below(100);   // percent of its people that use the topic
    const int together = below(100);  // percent of these that do so in one post
    const std::string lang = below(2) == 0 ? "fr" : "en";
    for (int i = 0; i < people; ++i) {
      const int minute = start + below(360 - start);
      if (below(100) >= kinship) {
        Put(stream, {"k" + std::to_string(i), minute, {"kin"}, lang});
      } else if (below(100) < together) {
        Put(stream, {"m" + std::to_string(below(600)), minute, {"metoo", "kin"}, lang});
      } else {
        const std::string author = "k" + std::to_string(i);
        Put(stream, {author, minute, {"kin"}, lang});
        Put(stream, {author, below(360), {"metoo"}, below(2) == 0 ? "en" : lang});
      }
    }
    const auto candidates = static_cast<std::size_t>(1 + below(32));
    const Verdict wanted = Naive(stream, "metoo", "kin", 1e-3 / static_cast<double>(candidates));
    const auto kin = Story(stream, "metoo").Judge("kin", candidates);
    // The tail is known to a few percent only.
    if (std::abs(std::log10(wanted.tail * 1e3 * static_cast<double>(candidates))) < 0.05) continue;
    ASSERT_EQ(kin.has_value(), wanted.successor || wanted.sister) << "seed " << seed;
    if (!kin) continue;
    EXPECT_EQ(kin->kind == Kind::kSister, wanted.sister) << "seed " << seed;
    EXPECT_EQ(kin->authors, wanted.authors) << "seed " << seed;
    EXPECT_EQ(kin->carriers, wanted.carriers) << "seed " << seed;
    EXPECT_NEAR(kin->lift, static_cast<double>(wanted.carriers) / wanted.mean, 1e-9) << "seed " << seed;
    successors += wanted.successor ? 1 : 0;
    sisters += wanted.sister ? 1 : 0;
  }
  EXPECT_GT(successors, 10);
  EXPECT_GT(sisters, 10);
}

}  // namespace
}  // namespace tagswell
