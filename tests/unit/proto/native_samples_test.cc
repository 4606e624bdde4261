// Real messages of every platform, where they are at hand: each is accepted, or refused for the right reason, and the
// topics are the hashtags that the platform itself names.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <map>
#include <set>

#include "proto/tag_key.h"
#include "tests/unit/proto/format_fixture.h"
#include "tests/unit/proto/shared_data.h"

namespace tagswell {
namespace {

namespace dom = simdjson::dom;
using TopicSet = std::set<std::string>;

class NativeSamples : public FormatFixture {
 protected:
  NativeSamples(PostFormat format, const std::string& folder)
      : FormatFixture(format), folder_(SharedData("native") / folder) {}

  void SetUp() override {
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << "reference data is absent: " << folder_;
  }

  std::string Sample(const std::string& name) const { return ReadFile(folder_ / name); }
  dom::element Dom(const std::string& json) { return dom_.parse(json).value(); }

  // What our own rules find in a text.
  TopicSet InText(std::string_view text) {
    Arena arena;
    std::vector<Mention> mentions;
    resolver_.FromText(text, arena, mentions);
    TopicSet topics;
    for (const Mention& mention : mentions) topics.emplace(mention.topic);
    return topics;
  }
  static TopicSet SetOf(const Post& post) {
    TopicSet topics;
    for (const Mention& mention : post.mentions) topics.emplace(mention.topic);
    return topics;
  }

  const std::filesystem::path folder_;
  dom::parser dom_;
};

class TwitterV1Samples : public NativeSamples {
 protected:
  TwitterV1Samples() : NativeSamples(PostFormat::kTwitterV1, "twitter_v1") {}

  static TopicSet Named(dom::element tweet) {
    TopicSet topics;
    for (const dom::element hashtag : tweet["entities"]["hashtags"].get_array()) {
      topics.insert(TagKey(std::string_view(hashtag["text"])));
    }
    return topics;
  }
  static dom::element Said(dom::element tweet) {
    dom::element original;
    return tweet["retweeted_status"].get(original) == simdjson::SUCCESS ? original : tweet;
  }
};

TEST_F(TwitterV1Samples, HaveTheHashtagsThatTwitterNames) {
  for (const char* name : {"twitter.json", "twitterescaped.json"}) {
    const std::string json = Sample(name);
    ParsedBody body = Json(json);
    EXPECT_EQ(body.rejected, 0U);
    const std::vector<Post>& posts = PostsOf(std::move(body));
    std::size_t tweets = 0;
    std::size_t agreed = 0;
    std::size_t i = 0;
    for (const dom::element tweet : Dom(json)["statuses"].get_array()) {
      ASSERT_LT(i, posts.size());
      EXPECT_EQ(posts[i].id, std::string_view(tweet["id_str"]));
      EXPECT_EQ(SetOf(posts[i]), Named(Said(tweet)));
      ++i;
      // And our own rules find the same in every text, the originals' among them.
      ++tweets;
      agreed += InText(std::string_view(tweet["text"])) == Named(tweet) ? 1 : 0;
      if (tweet["retweeted_status"].error() != simdjson::SUCCESS) continue;
      ++tweets;
      agreed += InText(std::string_view(Said(tweet)["text"])) == Named(Said(tweet)) ? 1 : 0;
    }
    EXPECT_EQ(posts.size(), 100U);
    EXPECT_EQ(tweets, 173U);
    EXPECT_EQ(agreed, 173U);
  }
}

TEST_F(TwitterV1Samples, AreAllAccepted) {
  for (const auto& [name, posts] : std::map<std::string, std::size_t>{{"twitter_api_compact_response.json", 2},
                                                                      {"twitter_api_response.json", 2},
                                                                      {"twitter_timeline.json", 20}}) {
    const std::string json = Sample(name);
    ParsedBody body = Json(json);
    EXPECT_EQ(body.rejected, 0U) << name;
    const std::vector<Post>& read = PostsOf(std::move(body));
    ASSERT_EQ(read.size(), posts) << name;
    std::size_t i = 0;
    for (const dom::element tweet : Dom(json).get_array()) {
      dom::element hashtags;
      if (Said(tweet)["entities"]["hashtags"].get(hashtags) == simdjson::SUCCESS) {
        EXPECT_EQ(SetOf(read[i]), Named(Said(tweet))) << name << " " << i;
      }
      ++i;
    }
  }
}

}  // namespace
}  // namespace tagswell
