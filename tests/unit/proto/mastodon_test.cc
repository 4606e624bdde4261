#include <gtest/gtest.h>

#include "tests/unit/proto/format_fixture.h"

namespace tagswell {
namespace {

class Mastodon : public FormatFixture {
 protected:
  Mastodon() : FormatFixture(PostFormat::kMastodon) {}

  static std::string Account(const std::string& more = "") {
    return R"({"id":"2160","acct":"ada@social.example","bot":true,"followers_count":12,
               "created_at":"2018-01-03T00:00:00.000Z","url":"https://social.example/@ada")" +
           more + "}";
  }
  static std::string Status(const std::string& id, const std::string& more, const std::string& visibility = "public") {
    return R"({"id":")" + id + R"(","created_at":"2020-04-27T21:00:00.000Z","visibility":")" + visibility +
           R"(","language":"en","reblog":null,"account":)" + Account() + "," + more + "}";
  }
  static std::string Event(const std::string& event, const std::string& payload) {
    return R"({"stream":["public"],"event":")" + event + R"(","payload":)" + payload + "}";
  }
  // As the streaming API sends it: JSON within a string.
  static std::string Quoted(const std::string& json) {
    std::string quoted = "\"";
    for (const char c : json) {
      if (c == '"' || c == '\\') quoted += '\\';
      if (c == '\n') {
        quoted += "\\n";
      } else {
        quoted += c;
      }
    }
    return quoted + "\"";
  }
};

TEST_F(Mastodon, ReadsAStatus) {
  const Post post = Read(Status("104", R"("in_reply_to_id":"103","spoiler_text":"Food &amp; drink",
      "content":"<p>I had <a href=\"https://x/tags/Soup\" class=\"mention hashtag\">#<span>Soup</span></a> &lt;3</p>",
      "tags":[{"name":"soup","url":"https://x/tags/soup"},{"name":"Suppe"}])"));
  EXPECT_EQ(post.id, "104");
  EXPECT_EQ(post.source, "mastodon");
  EXPECT_EQ(post.author, "ada@social.example");
  EXPECT_EQ(FormatTimestamp(post.created_at), "2020-04-27T21:00:00Z");
  EXPECT_EQ(post.text, "Food &amp; drink\n\nI had #Soup <3");  // a warning is plain text
  EXPECT_EQ(post.kind, PostKind::kReply);
  EXPECT_EQ(post.in_reply_to, "103");
  EXPECT_EQ(post.lang, "en");
  EXPECT_EQ(post.author_followers, 12U);
  EXPECT_EQ(FormatTimestamp(*post.author_created_at), "2018-01-03T00:00:00Z");
  EXPECT_TRUE(post.author_is_bot);
  EXPECT_EQ(TopicsOf(post), (Topics{"soup", "suppe"}));
}

TEST_F(Mastodon, BelievesTheListOfTags) {
  EXPECT_EQ(TopicsOf(Read(Status("1", R"("content":"<p>#no</p>","tags":[])"))), Topics{});
  EXPECT_EQ(TopicsOf(Read(Status("1", R"("content":"<p>#yes</p>")"))), Topics{"yes"});
}

TEST_F(Mastodon, NamesAccountsWithTheirHost) {
  const auto author = [&](const std::string& account) {
    return std::string(
        Read(R"({"id":"1","created_at":"2020-04-27T21:00:00Z","visibility":"public","content":"","account":)" +
             account + "}")
            .author);
  };
  EXPECT_EQ(author(R"({"acct":"ada","url":"https://social.example/@ada"})"), "ada@social.example");
  EXPECT_EQ(author(R"({"acct":"ada","uri":"http://localhost:3000/users/ada"})"), "ada@localhost:3000");
  EXPECT_EQ(author(R"({"acct":"ada@b.example","url":"https://other/@ada"})"), "ada@b.example");
  EXPECT_EQ(author(R"({"acct":"ada"})"), "ada");
}

TEST_F(Mastodon, GivesAReblogTheWordsOfItsOriginal) {
  const Post post = Read(R"({"id":"9","created_at":"2020-04-27T22:00:00Z","visibility":"public","content":"","tags":[],
      "account":{"acct":"bob@b.example"},"reblog":)" +
                         Status("8", R"("content":"<p>x</p>","tags":[{"name":"rain"}])") + "}");
  EXPECT_EQ(post.id, "9");
  EXPECT_EQ(post.author, "bob@b.example");
  EXPECT_EQ(post.kind, PostKind::kRepost);
  EXPECT_EQ(post.repost_of, "8");
  EXPECT_EQ(post.text, "x");
  EXPECT_EQ(post.lang, "en");
  EXPECT_FALSE(post.author_is_bot);
  EXPECT_EQ(TopicsOf(post), Topics{"rain"});
}

TEST_F(Mastodon, ReadsEventsWithAStatusAndWithOneInAString) {
  const std::string status = Status("1", R"("content":"<p>\"quoted\" \u00e9</p>","tags":[{"name":"rain"}])");
  for (const std::string& payload : {status, Quoted(status)}) {
    for (const char* event : {"update", "status.update"}) {
      ParsedBody body = Json(Event(event, payload));
      const bool is_edit = std::string(event) == "status.update";
      ASSERT_EQ(body.batch.changes.size(), is_edit ? 1U : 0U);
      if (is_edit) {
        EXPECT_EQ(body.batch.changes[0].kind, BatchChange::Kind::kReplace);
        EXPECT_EQ(body.batch.changes[0].key, Key("mastodon", "1"));
      }
      EXPECT_EQ(body.single, !is_edit);
      const std::vector<Post>& posts = PostsOf(std::move(body));
      ASSERT_EQ(posts.size(), 1U);
      EXPECT_EQ(posts[0].text, "\"quoted\" é");
    }
  }
  // The event may stand behind its payload.
  EXPECT_EQ(Json(R"({"payload":)" + Quoted(status) + R"(,"event":"update"})").batch.size(), 1U);
}

TEST_F(Mastodon, TakesAnEditedStatusForAnEdit) {
  EXPECT_EQ(Json(Status("1", R"("content":"","edited_at":null)")).batch.changes.size(), 0U);
  EXPECT_EQ(Json(Status("1", R"("content":"","edited_at":"2020-04-28T00:00:00Z")")).batch.changes.size(), 1U);
}

TEST_F(Mastodon, ReadsTheOtherEvents) {
  const ParsedBody body =
      Lines(Event("delete", "\"104061222412800865\"") + "\n" + Event("notification", "\"{}\"") + "\n" +
            R"({"event":"filters_changed"})" + "\n\n" + Event("conversation", "\"{}\"") + "\n" + Event("update", "5") +
            "\n" + Event("update", "\"{\"") + "\n" + Event("update", Quoted("{} x")) + "\n");
  ASSERT_EQ(body.batch.changes.size(), 1U);
  EXPECT_EQ(body.batch.changes[0].kind, BatchChange::Kind::kDelete);
  EXPECT_EQ(body.batch.changes[0].key, Key("mastodon", "104061222412800865"));
  EXPECT_EQ(body.ignored, 3U);
  ASSERT_EQ(body.rejected, 4U);
  EXPECT_EQ(body.errors[0].error.code, "not_public");
  EXPECT_EQ(body.errors[1].error.code, "malformed_json");  // a number is no JSON of a status
  EXPECT_EQ(body.errors[2].error.code, "malformed_json");
  EXPECT_EQ(body.errors[3].error.code, "malformed_json");
}

TEST_F(Mastodon, RefusesWhatIsNotPublic) {
  for (const char* visibility : {"unlisted", "private", "direct", ""}) {
    EXPECT_EQ(CodeOf(Status("1", R"("content":"x")", visibility)), "not_public") << visibility;
  }
  EXPECT_EQ(CodeOf(R"({"id":"1","content":"x"})"), "not_public");
  EXPECT_EQ(
      CodeOf(R"({"id":"9","created_at":"2020-04-27T22:00:00Z","visibility":"public","account":{"acct":"b"},"reblog":)" +
             Status("8", R"("content":"x")", "private") + "}"),
      "not_public");
}

TEST_F(Mastodon, NamesWhatIsMissingOrWrong) {
  EXPECT_EQ(CodeOf("{}"), "missing_id");
  EXPECT_EQ(CodeOf(R"({"id":"1","visibility":"public","content":"x"})"), "missing_author");
  EXPECT_EQ(CodeOf(R"({"id":"1","visibility":"public","account":{"acct":"a"},"created_at":"2020-04-27T22:00:00Z"})"),
            "missing_text");
  EXPECT_EQ(CodeOf(Status("1", R"("content":"x","content":"y")")), "duplicate_field");
  EXPECT_EQ(CodeOf(Event("update", Quoted(Status("1", R"("content":"x","content":"y")")))), "duplicate_field");
  EXPECT_EQ(CodeOf(Status("1", R"("content":"x")") + ","), "malformed_json");
}

}  // namespace
}  // namespace tagswell
