#include "trend/topic_story.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tagswell {
namespace {

using std::chrono::minutes;

const Timestamp kStart = Timestamp{} + std::chrono::hours(1'000);

Post PostOf(std::string_view id, std::string_view author, int minute, std::vector<Mention> mentions) {
  Post post;
  post.id = id;
  post.source = "twitter";
  post.author = author;
  post.created_at = kStart + minutes(minute);
  post.mentions = std::move(mentions);
  return post;
}

const Mention kTag{"metoo", "MeToo"};

TEST(TopicStory, NamesAsOriginWhatTheEarlyPostsAnswer) {
  TopicStory story("metoo", kStart, HashSalt{1});
  for (int i = 0; i < 100; ++i) {
    const std::string id = std::to_string(i);
    Post post = PostOf(id, "a" + id, i, {kTag});
    const std::string author = "a" + id;
    post.author = author;
    if (i % 10 == 0) post.in_reply_to = "origin";
    if (i % 20 == 1) post.in_reply_to = "other";
    story.Add(post);
  }
  const auto origin = story.Origin();
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->id, "origin");
  EXPECT_EQ(origin->replies, 10U);
  const auto replied = story.MostReplied(5);
  ASSERT_EQ(replied.size(), 2U);
  EXPECT_EQ(replied[1].id, "other");
  EXPECT_TRUE(story.MostReposted(5).empty());
}

TEST(TopicStory, HasNoOriginWhereNothingIsAnsweredOften) {
  TopicStory story("metoo", kStart, HashSalt{1});
  for (int i = 0; i < 100; ++i) {
    const std::string id = std::to_string(i);
    Post post = PostOf(id, "someone", i, {kTag});
    if (i % 25 == 0) post.in_reply_to = "now and then";
    story.Add(post);
  }
  EXPECT_FALSE(story.Origin());
}

TEST(TopicStory, TakesForTheOriginWhatBelongsToItsGreatDay) {
  TopicStory story("metoo", kStart + minutes(500), HashSalt{1});
  std::vector<std::string> ids;
  for (int i = 0; i < 1'000; ++i) ids.push_back(std::to_string(i));
  for (int i = 0; i < 1'000; ++i) {
    Post post = PostOf(ids[static_cast<std::size_t>(i)], "someone", i, {kTag});
    post.in_reply_to = i < 500 ? "years ago" : "today";
    story.Add(post);
  }
  ASSERT_TRUE(story.Origin());
  EXPECT_EQ(story.Origin()->id, "today");
  EXPECT_EQ(story.early_posts(), 500U);
}

TEST(TopicStory, TellsTheOrderOfPlacesWhateverTheOrderOfPosts) {
  TopicStory story("metoo", kStart, HashSalt{1});
  const std::vector<std::pair<std::string, int>> posts = {{"FR", 30}, {"US", 10}, {"FR", 5}, {"US", 40}, {"DE", 20}};
  int number = 0;
  for (const auto& [country, minute] : posts) {
    const std::string id = std::to_string(number++);
    Post post = PostOf(id, "one author", minute, {kTag});
    post.country = country;
    story.Add(post);
  }
  const auto arrivals = story.Arrivals();
  ASSERT_EQ(arrivals.size(), 4U);
  EXPECT_EQ(arrivals[0].scope, "country:FR");
  EXPECT_EQ(arrivals[0].first_at, kStart + minutes(5));
  EXPECT_EQ(arrivals[0].posts, 2U);
  EXPECT_EQ(arrivals[0].authors, 1U);
  EXPECT_EQ(arrivals[1].scope, "source:twitter");
  EXPECT_EQ(arrivals[1].posts, 5U);
  EXPECT_EQ(arrivals[2].scope, "country:US");
  EXPECT_EQ(arrivals[3].scope, "country:DE");
  EXPECT_EQ(story.first()->id, "2");
}

TEST(TopicStory, CountsSpellingsPhrasesAndWhatItIsUsedWith) {
  TopicStory story("metoo", kStart, HashSalt{1});
  story.Add(PostOf("1", "a", 1, {{"metoo", "MeToo"}, {"wetoo", "WeToo"}}));
  story.Add(PostOf("2", "b", 2, {{"metoo", "metoo"}, {"wetoo", "wetoo"}, {"cats", "cats"}}));
  story.Add(PostOf("3", "c", 3, {{"metoo", "MeToo"}}));
  story.Add(PostOf("4", "d", 4, {{"metoo", "me too", true}}));
  const auto spellings = story.Spellings(10);
  ASSERT_EQ(spellings.size(), 2U);
  EXPECT_EQ(spellings[0].name, "MeToo");
  EXPECT_EQ(spellings[0].posts, 2U);
  EXPECT_EQ(story.phrase_posts(), 1U);
  const auto others = story.UsedWith(1);
  ASSERT_EQ(others.size(), 1U);
  EXPECT_EQ(others[0].name, "wetoo");
  EXPECT_EQ(others[0].posts, 2U);
}

TEST(TopicStory, NamesTheLargestAccountsOnce) {
  TopicStory story("metoo", kStart, HashSalt{1});
  for (const auto& [author, followers] : {std::pair("small", 10), {"large", 1'000}, {"large", 900}, {"middle", 500}}) {
    Post post = PostOf("x", author, 1, {kTag});
    post.author_followers = static_cast<std::uint64_t>(followers);
    story.Add(post);
  }
  const auto largest = story.Largest(2);
  ASSERT_EQ(largest.size(), 2U);
  EXPECT_EQ(largest[0].author, "large");
  EXPECT_EQ(largest[0].followers, 1'000U);
  EXPECT_EQ(largest[0].posts, 2U);
  EXPECT_EQ(largest[1].author, "middle");
}

}  // namespace
}  // namespace tagswell
