#include <gtest/gtest.h>

#include "tests/unit/proto/format_fixture.h"

namespace tagswell {
namespace {

class TwitterV2 : public FormatFixture {
 protected:
  TwitterV2() : FormatFixture(PostFormat::kTwitterV2) {}

  static std::string Tweet(const std::string& id, const std::string& more) {
    return R"({"id":")" + id + R"(","author_id":"7","created_at":"2022-10-03T17:57:11.000Z","lang":"en",)" + more + "}";
  }
  static std::string Object(const std::string& tweet, const std::string& includes = "") {
    return R"({"data":)" + tweet + R"(,"includes":{)" + includes + R"(},"matching_rules":[{"id":"1","tag":"x"}]})";
  }
};

TEST_F(TwitterV2, ReadsAnObjectOfTheStream) {
  const Post post = Read(Object(Tweet("11", R"("text":"a &amp; #b","geo":{"place_id":"p"},
      "entities":{"hashtags":[{"start":1,"end":2,"tag":"Bee"}]},
      "referenced_tweets":[{"type":"replied_to","id":"5"}])"),
                                R"("places":[{"id":"p","country_code":"DE"}],
      "users":[{"id":"6","public_metrics":{"followers_count":1}},
               {"id":"7","created_at":"2010-03-03T12:49:24.000Z","protected":false,"public_metrics":{"followers_count":580}}])"));
  EXPECT_EQ(post.id, "11");
  EXPECT_EQ(post.source, "twitter");
  EXPECT_EQ(post.author, "7");
  EXPECT_EQ(FormatTimestamp(post.created_at), "2022-10-03T17:57:11Z");
  EXPECT_EQ(post.text, "a & #b");
  EXPECT_EQ(post.kind, PostKind::kReply);
  EXPECT_EQ(post.in_reply_to, "5");
  EXPECT_EQ(post.lang, "en");
  EXPECT_EQ(post.country, "DE");
  EXPECT_EQ(post.author_followers, 580U);
  EXPECT_EQ(FormatTimestamp(*post.author_created_at), "2010-03-03T12:49:24Z");
  EXPECT_EQ(TopicsOf(post), Topics{"bee"});
}

TEST_F(TwitterV2, TakesTheTextForHashtagsWhereThereAreNoEntities) {
  EXPECT_EQ(TopicsOf(Read(Object(Tweet("1", R"("text":"#One #two")")))), (Topics{"one", "two"}));
  EXPECT_EQ(TopicsOf(Read(Object(Tweet("1", R"("text":"#One","entities":{"urls":[]})")))), Topics{});
}

TEST_F(TwitterV2, GivesARetweetTheWordsOfItsOriginal) {
  const std::string retweet =
      Tweet("9", R"("text":"RT @x: #long #ha…","referenced_tweets":[{"type":"retweeted","id":"8"}])");
  const Post whole =
      Read(Object(retweet, R"("tweets":[{"id":"8","text":"#long #hashtag","author_id":"3","lang":"fr"}])"));
  EXPECT_EQ(whole.kind, PostKind::kRepost);
  EXPECT_EQ(whole.repost_of, "8");
  EXPECT_EQ(whole.author, "7");
  EXPECT_EQ(whole.text, "#long #hashtag");
  EXPECT_EQ(whole.lang, "fr");
  EXPECT_EQ(TopicsOf(whole), (Topics{"long", "hashtag"}));
  // What the cut goes through is no hashtag.
  EXPECT_EQ(TopicsOf(Read(Object(retweet))), Topics{"long"});
}

TEST_F(TwitterV2, ReadsATweetThatCarriesAllOfItsOwn) {
  const Post post = Read(Tweet("9", R"("text":"RT @x: #ha…","author":{"id":"7","public_metrics":{"followers_count":4}},
      "geo":{"id":"p","country_code":"AR"},
      "referenced_tweets":[{"type":"retweeted","id":"8","text":"#hashtag","entities":{"hashtags":[{"tag":"hashtag"}]},
                            "referenced_tweets":[{"type":"replied_to","id":"1"}]}])"));
  EXPECT_EQ(post.kind, PostKind::kRepost);
  EXPECT_EQ(post.in_reply_to, "");
  EXPECT_EQ(post.country, "AR");
  EXPECT_EQ(post.author_followers, 4U);
  EXPECT_EQ(TopicsOf(post), Topics{"hashtag"});
}

TEST_F(TwitterV2, KnowsQuotes) {
  const Post post = Read(Object(
      Tweet("1", R"("text":"x","referenced_tweets":[{"type":"quoted","id":"2"},{"type":"replied_to","id":"3"}])")));
  EXPECT_EQ(post.kind, PostKind::kQuote);
  EXPECT_EQ(post.in_reply_to, "3");
}

TEST_F(TwitterV2, ReadsPages) {
  const ParsedBody page =
      Json(R"({"includes":{"users":[{"id":"7","protected":true}]},"data":[)" + Tweet("1", R"("text":"a")") +
           R"(,{"id":"2","author_id":"8","created_at":"2022-10-03T17:57:11Z","text":"b"},
                               {"end":"x","tweet_count":5},7],"meta":{"result_count":3}})");
  EXPECT_FALSE(page.single);
  EXPECT_EQ(page.batch.size(), 1U);
  ASSERT_EQ(page.rejected, 3U);
  EXPECT_EQ(page.errors[0].error.code, "not_public");
  EXPECT_EQ(page.errors[0].line, 1U);
  EXPECT_EQ(page.errors[2].line, 4U);
  EXPECT_EQ(page.errors[1].error.code, "not_a_post");
  EXPECT_EQ(page.errors[2].error.code, "not_a_post");
  const ParsedBody empty = Json(R"({"meta":{"result_count":0}})");
  EXPECT_EQ(empty.ignored, 1U);
  EXPECT_EQ(empty.rejected, 0U);
}

TEST_F(TwitterV2, TakesTheVersionsOfAnEditForOnePost) {
  const auto changes = [&](const std::string& id) {
    return Lines(Object(Tweet(id, R"("text":"x","edit_history_tweet_ids":["1","2","3"])"))).batch.changes;
  };
  const auto middle = changes("2");
  ASSERT_EQ(middle.size(), 2U);
  EXPECT_EQ(middle[0].kind, BatchChange::Kind::kSupersede);
  EXPECT_EQ(middle[0].key, Key("twitter", "1"));
  EXPECT_EQ(middle[1].kind, BatchChange::Kind::kYield);
  EXPECT_EQ(middle[1].key, Key("twitter", "3"));
  EXPECT_EQ(changes("3").size(), 2U);
  EXPECT_EQ(changes("4").size(), 0U);
  EXPECT_TRUE(Lines(Object(Tweet("1", R"("edit_history_tweet_ids":["1","2"])"))).batch.changes.empty());  // no text
}

TEST_F(TwitterV2, BoundsTheVersionsOfATweet) {
  std::string ids = "\"1\"";
  for (int i = 2; i < 1000; ++i) ids += ",\"" + std::to_string(i) + "\"";
  EXPECT_LE(Lines(Object(Tweet("1", R"("text":"x","edit_history_tweet_ids":[)" + ids + "]"))).batch.changes.size(),
            16U);
}

TEST_F(TwitterV2, TakesBackWhatComplianceNames) {
  const ParsedBody body =
      Lines(R"({"id":"11","action":"delete","created_at":"2019-09-06T17:25:54.667Z","reason":"protected"})"
            "\n"
            R"({"data":{"delete":{"event_at":"2021-07-06T18:40:40.000Z","tweet":{"id":"12","author_id":"5"}}}})"
            "\n"
            R"({"data":{"user_protect":{"user":{"id":"5"},"event_at":"x"}}})"
            "\n"
            R"({"errors":[{"title":"operational-disconnect"}]})"
            "\n");
  ASSERT_EQ(body.batch.changes.size(), 2U);
  EXPECT_EQ(body.batch.changes[0].key, Key("twitter", "11"));
  EXPECT_EQ(body.batch.changes[1].key, Key("twitter", "12"));
  EXPECT_EQ(body.ignored, 2U);
  EXPECT_EQ(body.rejected, 0U);
}

TEST_F(TwitterV2, NamesWhatIsMissingOrWrong) {
  EXPECT_EQ(CodeOf("{}"), "not_a_post");
  EXPECT_EQ(CodeOf(R"({"data":5})"), "not_a_post");
  EXPECT_EQ(CodeOf(R"({"data":{"id":"1","text":"x"}})"), "missing_author");
  EXPECT_EQ(CodeOf(R"({"data":{"id":"1","text":"x","author_id":"2"}})"), "missing_created_at");
  EXPECT_EQ(CodeOf(R"({"data":{"id":"1","text":"x","author_id":"2","created_at":"now"}})"), "bad_time");
  EXPECT_EQ(CodeOf(Object(Tweet("1", R"("text":"x","text":"y")"))), "duplicate_field");
  EXPECT_EQ(CodeOf(Object(Tweet("1", R"("text":"x")")) + "}"), "malformed_json");
  EXPECT_EQ(CodeOf(Object(Tweet("1", R"("text":"x","z":{"a":nul})"))), "malformed_json");
}

}  // namespace
}  // namespace tagswell
