#include <gtest/gtest.h>

#include "proto/formats/twitter_time.h"
#include "tests/unit/proto/format_fixture.h"

namespace tagswell {
namespace {

class TwitterV1 : public FormatFixture {
 protected:
  TwitterV1() : FormatFixture(PostFormat::kTwitterV1) {}

  static std::string User(const std::string& id, const std::string& more = "") {
    return R"({"id":)" + id + R"(,"id_str":")" + id +
           R"(","followers_count":262,"created_at":"Sat Feb 16 13:40:25 +0000 2013","protected":false)" + more + "}";
  }
  static std::string Tweet(const std::string& id, const std::string& more) {
    return R"({"created_at":"Sun Aug 31 00:29:15 +0000 2014","id":)" + id + R"(,"id_str":")" + id + R"(","user":)" +
           User("7") + R"(,"lang":"ja",)" + more + "}";
  }
};

TEST_F(TwitterV1, ReadsAStatus) {
  const Post post = Read(Tweet("505874924095815681", R"("text":"a &amp; #b &lt;3","truncated":false,
      "in_reply_to_status_id":5,"in_reply_to_status_id_str":"5","place":{"country_code":"JP","id":"x"},
      "entities":{"hashtags":[{"text":"Bee","indices":[4,6]}],"urls":[]})"));
  EXPECT_EQ(post.id, "505874924095815681");
  EXPECT_EQ(post.source, "twitter");
  EXPECT_EQ(post.author, "7");
  EXPECT_EQ(FormatTimestamp(post.created_at), "2014-08-31T00:29:15Z");
  EXPECT_EQ(post.text, "a & #b <3");
  EXPECT_EQ(post.kind, PostKind::kReply);
  EXPECT_EQ(post.lang, "ja");
  EXPECT_EQ(post.country, "JP");
  EXPECT_EQ(post.in_reply_to, "5");
  EXPECT_EQ(post.author_followers, 262U);
  EXPECT_EQ(FormatTimestamp(*post.author_created_at), "2013-02-16T13:40:25Z");
  EXPECT_EQ(TopicsOf(post), Topics{"bee"});  // the platform's own word, not the text's
}

TEST_F(TwitterV1, TakesTheTextForHashtagsWhereThereAreNoEntities) {
  EXPECT_EQ(TopicsOf(Read(Tweet("1", R"("text":"#One #two")"))), (Topics{"one", "two"}));
  EXPECT_EQ(TopicsOf(Read(Tweet("1", R"("text":"#One","entities":{"hashtags":[]})"))), Topics{});
}

TEST_F(TwitterV1, PrefersTheExtendedTweet) {
  const Post post = Read(Tweet("1", R"("text":"cut #on… https://t.co/x","truncated":true,"entities":{"hashtags":[]},
      "extended_tweet":{"full_text":"cut #one #two","entities":{"hashtags":[{"text":"one"},{"text":"two"}]}})"));
  EXPECT_EQ(post.text, "cut #one #two");
  EXPECT_EQ(TopicsOf(post), (Topics{"one", "two"}));
  EXPECT_EQ(Read(Tweet("1", R"("full_text":"all of it")")).text, "all of it");
}

TEST_F(TwitterV1, GivesARetweetTheWordsOfItsOriginal) {
  const Post post = Read(Tweet("9", R"("text":"RT @x: long #ha…","entities":{"hashtags":[]},"is_quote_status":true,
      "retweeted_status":)" + Tweet("8", R"("text":"long #hashtag","entities":{"hashtags":[{"text":"hashtag"}]},
      "in_reply_to_status_id_str":"4","retweeted_status":{"id_str":"1"})")));
  EXPECT_EQ(post.id, "9");
  EXPECT_EQ(post.kind, PostKind::kRepost);
  EXPECT_EQ(post.repost_of, "8");
  EXPECT_EQ(post.in_reply_to, "");
  EXPECT_EQ(post.text, "long #hashtag");
  EXPECT_EQ(TopicsOf(post), Topics{"hashtag"});
}

TEST_F(TwitterV1, KnowsQuotesAndWhatIsNoLanguage) {
  EXPECT_EQ(Read(Tweet("1", R"("text":"x","is_quote_status":true)")).kind, PostKind::kQuote);
  EXPECT_EQ(
      Read(R"({"id":1,"created_at":"Sun Aug 31 00:29:15 +0000 2014","text":"","user":{"id":2},"lang":"und"})").lang,
      "");
  EXPECT_EQ(
      Read(R"({"id":1,"created_at":"Sun Aug 31 00:29:15 +0000 2014","text":"","user":{"id":2},"lang":"in"})").lang,
      "id");
}

TEST_F(TwitterV1, TakesIdsThatAreOnlyNumbers) {
  const Post post = Read(R"({"id":12,"created_at":"Sun Aug 31 00:29:15 +0000 2014","text":"","user":{"id":34}})");
  EXPECT_EQ(post.id, "12");
  EXPECT_EQ(post.author, "34");
}

TEST_F(TwitterV1, ReadsTheMessagesOfTheStream) {
  const ParsedBody body =
      Lines("\r\n" + Tweet("1", R"("text":"#a")") + "\r\n" +
            R"({"delete":{"status":{"id":1,"id_str":"1","user_id":7,"user_id_str":"7"},"timestamp_ms":"1"}})"
            "\n"
            R"({"delete":{"favorite":{"id":1}}})"
            "\n"
            R"({"limit":{"track":1234,"timestamp_ms":"1"}})"
            "\n"
            "\n"
            R"({"scrub_geo":{"user_id":14}})"
            "\n"
            R"({"direct_message":{"id":5,"text":"psst"}})"
            "\n");
  EXPECT_EQ(body.batch.size(), 1U);
  ASSERT_EQ(body.batch.changes.size(), 1U);
  EXPECT_EQ(body.batch.changes[0].kind, BatchChange::Kind::kDelete);
  EXPECT_EQ(body.batch.changes[0].at, 1U);
  EXPECT_EQ(body.batch.changes[0].key, Key("twitter", "1"));
  EXPECT_EQ(body.ignored, 5U);  // two keep-alives among them
  ASSERT_EQ(body.rejected, 1U);
  EXPECT_EQ(body.errors[0].error.code, "not_public");
  EXPECT_EQ(body.errors[0].line, 8U);
}

TEST_F(TwitterV1, ReadsPagesAndArrays) {
  const std::string two = Tweet("1", R"("text":"a")") + "," + Tweet("2", R"("text":"b")");
  const ParsedBody page = Json(R"({"statuses":[)" + two + R"(,7],"search_metadata":{"count":2}})");
  EXPECT_EQ(page.batch.size(), 2U);
  ASSERT_EQ(page.rejected, 1U);
  EXPECT_EQ(page.errors[0].line, 3U);
  EXPECT_FALSE(page.single);
  const ParsedBody array = Json("[" + two + ", 7]");
  EXPECT_EQ(array.batch.size(), 2U);
  ASSERT_EQ(array.rejected, 1U);
  EXPECT_EQ(array.errors[0].line, 3U);
  EXPECT_EQ(Lines("[" + two + "]\n").batch.size(), 2U);
  EXPECT_TRUE(Json(Tweet("1", R"("text":"a")")).single);
}

TEST_F(TwitterV1, RefusesWhatIsNotPublic) {
  EXPECT_EQ(
      CodeOf(R"({"id":1,"created_at":"Sun Aug 31 00:29:15 +0000 2014","text":"","user":{"id":2,"protected":true}})"),
      "not_public");
}

TEST_F(TwitterV1, NamesWhatIsMissingOrWrong) {
  EXPECT_EQ(CodeOf("{}"), "missing_id");
  EXPECT_EQ(CodeOf(R"({"id":1,"text":"x","created_at":"Sun Aug 31 00:29:15 +0000 2014"})"), "missing_author");
  EXPECT_EQ(CodeOf(R"({"id":1,"text":"x","user":{"id":2}})"), "missing_created_at");
  EXPECT_EQ(CodeOf(R"({"id":1,"created_at":"yesterday","text":"x","user":{"id":2}})"), "bad_time");
  EXPECT_EQ(CodeOf(Tweet("1", R"("lang":"de","text":5)")), "duplicate_field");
  EXPECT_EQ(CodeOf(Tweet("1", R"("text":5)")), "missing_text");
  EXPECT_EQ(CodeOf("7"), "not_a_post");
}

TEST_F(TwitterV1, ChecksTheWholeDocument) {
  for (const char* tail : {"x", "{}", "]", ",", "\"", "1"}) {
    EXPECT_EQ(CodeOf(Tweet("1", R"("text":"a")") + tail), "malformed_json") << tail;
  }
  EXPECT_EQ(CodeOf(Tweet("1", R"("text":"a","x":tru)")), "malformed_json");
  EXPECT_EQ(CodeOf(Tweet("1", R"("text":"\ud800")")), "malformed_json");
  EXPECT_EQ(CodeOf(Tweet("1", R"("entities":{"urls":[{"a":01}]},"text":"a")")), "malformed_json");
  EXPECT_EQ(CodeOf(Tweet("1", R"("x":)" + std::string(100, '[') + std::string(100, ']'))), "malformed_json");
  EXPECT_EQ(Lines("{\"id\":\n[{},\n").rejected, 2U);
}

TEST(TwitterTime, IsReadOrNot) {
  EXPECT_EQ(FormatTimestamp(ParseTwitterTime("Wed Oct 10 20:19:24 +0000 2018").value()), "2018-10-10T20:19:24Z");
  EXPECT_EQ(FormatTimestamp(ParseTwitterTime("Wed Jan 01 01:00:00 +0200 2020").value()), "2019-12-31T23:00:00Z");
  for (const char* bad :
       {"", "Wed Oct 10 20:19:24 +0000 201", "Wed Okt 10 20:19:24 +0000 2018", "Wed Oct 32 20:19:24 +0000 2018",
        "Wed Oct 10 25:19:24 +0000 2018", "Wed anF 10 20:19:24 +0000 2018", "2018-10-10T20:19:24.000000Z   "}) {
    EXPECT_FALSE(ParseTwitterTime(bad)) << bad;
  }
}

}  // namespace
}  // namespace tagswell
