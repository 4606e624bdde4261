#include "trend/open_minutes.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace tagswell {
namespace {

TEST(OpenMinutes, GiveEveryMentionOfAMinuteGroupedByTopic) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    OpenMinutes open;
    std::map<int, std::map<std::uint32_t, std::multiset<std::uint64_t>>> naive;
    const std::uint32_t topics = seed % 2 == 0 ? 500 : 5'000'000;
    for (int i = 0; i < 20'000; ++i) {
      const int minute = 100 + static_cast<int>(random() % 3);
      const auto topic = static_cast<std::uint32_t>(random() % topics);
      const std::uint64_t author = random() % 100;
      open.AddMention(Minute{minute},
                      {.author = author, .topic = TopicId{topic}, .text = 0, .combo = ComboId{0}, .doubtful = false});
      naive[minute][topic].insert(author);
      if (i % 10 != 0) continue;
      open.RemoveMention(
          Minute{minute},
          {.author = author, .topic = TopicId{topic}, .text = 0, .combo = ComboId{0}, .doubtful = false});
      naive[minute][topic].erase(naive[minute][topic].find(author));
    }
    std::vector<MentionHit> grouped;
    std::vector<std::uint32_t> scratch;
    for (auto& [minute, expected] : naive) {
      std::erase_if(expected, [](const auto& entry) { return entry.second.empty(); });
      std::map<std::uint32_t, std::multiset<std::uint64_t>> got;
      const OpenMinutes::Content content = open.Take(Minute{minute});
      for (const auto& part : content.parts) {
        GroupByTopic(part, grouped, scratch);
        for (std::size_t i = 0; i < grouped.size(); ++i) {
          const auto topic = static_cast<std::uint32_t>(grouped[i].topic);
          const bool first_of_group = i == 0 || grouped[i - 1].topic != grouped[i].topic;
          ASSERT_EQ(first_of_group, !got.contains(topic)) << "the mentions of a topic stand side by side";
          got[topic].insert(grouped[i].author);
        }
      }
      EXPECT_EQ(got, expected);
    }
    EXPECT_TRUE(open.Take(Minute{100}).posts.empty());
  }
}

TEST(OpenMinutes, CountPostsByCombination) {
  OpenMinutes open;
  for (int i = 0; i < 5; ++i) open.AddPost(Minute{7}, ComboId{3});
  open.AddPost(Minute{7}, ComboId{1});
  open.AddPost(Minute{8}, ComboId{1});
  open.RemovePost(Minute{7}, ComboId{1});
  open.RemovePost(Minute{9}, ComboId{1});
  const OpenMinutes::Content content = open.Take(Minute{7});
  ASSERT_EQ(content.posts.size(), 1U);
  EXPECT_EQ(content.posts[0].combo, ComboId{3});
  EXPECT_EQ(content.posts[0].posts, 5U);
}

}  // namespace
}  // namespace tagswell
