#include <gtest/gtest.h>

#include "tests/unit/proto/format_fixture.h"

namespace tagswell {
namespace {

constexpr const char* kEveryone =
    R"("to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://a/followers"])";

class ActivityStreams : public FormatFixture {
 protected:
  ActivityStreams() : FormatFixture(PostFormat::kActivityStreams) {}

  static std::string Note(const std::string& id, const std::string& more, const std::string& address = kEveryone) {
    return R"({"type":"Note","id":")" + id + R"(","attributedTo":"https://a/users/ada",
               "published":"2018-02-17T19:39:15Z",)" +
           address + (more.empty() ? "" : ",") + more + "}";
  }
  static std::string Activity(const std::string& type, const std::string& object,
                              const std::string& address = kEveryone) {
    const std::string actor = type == "Announce" ? "https://b/users/bob" : "https://a/users/ada";
    return R"({"@context":["https://www.w3.org/ns/activitystreams",{"Hashtag":"as:Hashtag"}],"type":")" + type +
           R"(","id":"https://b/act/1","actor":")" + actor + R"(","published":"2018-02-18T00:00:00Z",)" + address +
           R"(,"object":)" + object + "}";
  }
};

TEST_F(ActivityStreams, ReadsACreatedNote) {
  const Post post = Read(Activity("Create", Note("https://a/1", R"("summary":"Rain talk",
      "content":"<p>First <a href=\"x\">#<span>Rain</span></a></p>","contentMap":{"en":"<p>x</p>"},
      "inReplyTo":"https://c/9","tag":[{"type":"Mention","name":"@bob"},{"type":"Hashtag","name":"#Rain"},{"type":"Hashtag","name":"wet"}])")));
  EXPECT_EQ(post.id, "https://a/1");
  EXPECT_EQ(post.source, "activitypub");
  EXPECT_EQ(post.author, "https://a/users/ada");
  EXPECT_EQ(FormatTimestamp(post.created_at), "2018-02-17T19:39:15Z");
  EXPECT_EQ(post.text, "Rain talk\n\nFirst #Rain");
  EXPECT_EQ(post.lang, "en");
  EXPECT_EQ(post.kind, PostKind::kReply);
  EXPECT_EQ(post.in_reply_to, "https://c/9");
  EXPECT_EQ(TopicsOf(post), (Topics{"rain", "wet"}));
}

TEST_F(ActivityStreams, TakesATagAsAnObjectOrAnArrayOrTheText) {
  EXPECT_EQ(TopicsOf(Read(Note("1", R"("content":"x","tag":{"type":"Hashtag","name":"#one"})"))), Topics{"one"});
  EXPECT_EQ(TopicsOf(Read(Note("1", R"("content":"#no","tag":[])"))), Topics{});
  EXPECT_EQ(TopicsOf(Read(Note("1", R"("content":"<b>#yes</b>")"))), Topics{"yes"});
}

TEST_F(ActivityStreams, TakesOneValueOrSeveralInAnyPlace) {
  const Post post = Read(R"({"type":["Create"],"to":"as:Public","actor":[{"type":"Service","id":"https://b/bot"}],
      "object":[{"type":["Note"],"id":"https://b/1","published":"2018-02-17T19:39:15Z","content":"x",
                 "inReplyTo":{"id":"https://c/1","type":"Note"},"attributedTo":[{"type":"Service","id":"https://b/bot"}]}]})");
  EXPECT_EQ(post.author, "https://b/bot");
  EXPECT_TRUE(post.author_is_bot);
  EXPECT_EQ(post.in_reply_to, "https://c/1");
}

TEST_F(ActivityStreams, ReadsTitlesAndOtherContent) {
  EXPECT_EQ(Read(R"({"type":"Article","id":"1","attributedTo":"a","published":"2018-02-17T19:39:15Z","to":"as:Public",
      "name":"Title","summary":"in short","content":"<p>Body</p>"})")
                .text,
            "Title\n\nBody");
  EXPECT_EQ(Read(R"({"type":"Video","id":"1","attributedTo":"a","published":"2018-02-17T19:39:15Z","to":"as:Public",
      "name":"Title","mediaType":"text/markdown","content":"a < b"})")
                .text,
            "Title\n\na < b");
  EXPECT_EQ(Read(R"({"type":"Image","id":"1","attributedTo":"a","published":"2018-02-17T19:39:15Z","to":"as:Public",
      "name":"#Title"})")
                .text,
            "#Title");
  const Post post =
      Read(R"({"type":"Note","id":"1","attributedTo":"a","published":"2018-02-17T19:39:15Z","to":"as:Public",
      "contentMap":{"de":"<p>eins</p>","en":"<p>one</p>"},"quoteUrl":"https://q/1"})");
  EXPECT_EQ(post.text, "eins");
  EXPECT_EQ(post.lang, "");
  EXPECT_EQ(post.kind, PostKind::kQuote);
}

TEST_F(ActivityStreams, GivesAnAnnounceTheWordsOfItsOriginal) {
  const Post post =
      Read(Activity("Announce", Note("https://a/1", R"("content":"x","tag":[{"type":"Hashtag","name":"#rain"}])")));
  EXPECT_EQ(post.id, "https://b/act/1");
  EXPECT_EQ(post.author, "https://b/users/bob");
  EXPECT_EQ(FormatTimestamp(post.created_at), "2018-02-18T00:00:00Z");
  EXPECT_EQ(post.kind, PostKind::kRepost);
  EXPECT_EQ(post.repost_of, "https://a/1");
  EXPECT_EQ(post.text, "x");
  EXPECT_EQ(TopicsOf(post), Topics{"rain"});
  EXPECT_EQ(Json(Activity("Announce", "\"https://a/1\"")).ignored, 1U);  // it says nothing
}

TEST_F(ActivityStreams, ListensToNobodyAboutThePostsOfAnotherServer) {
  const std::string eve = R"("actor":"https://evil/users/eve","to":"as:Public","object":)";
  const std::string forged = Note("https://a/1", R"("content":"forged")");
  const std::string own = R"({"type":"Note","id":"https://a/1","attributedTo":"https://evil/users/eve",
      "published":"2018-02-17T19:39:15Z","to":"as:Public","content":"forged"})";
  for (const std::string& object : {forged, own}) {
    EXPECT_EQ(CodeOf(R"({"type":"Create",)" + eve + object + "}"), "foreign_actor");
    EXPECT_EQ(CodeOf(R"({"type":"Update",)" + eve + object + "}"), "foreign_actor");
  }
  EXPECT_EQ(CodeOf(R"({"type":"Announce","id":"https://a/2",)" + eve + forged + "}"), "foreign_actor");
  EXPECT_EQ(CodeOf(R"({"type":"Delete",)" + eve + R"("https://a/1"})"), "foreign_actor");
  EXPECT_EQ(CodeOf(R"({"type":"Undo",)" + eve + R"({"type":"Announce","id":"https://a/1"}})"), "foreign_actor");
  EXPECT_EQ(CodeOf(R"({"type":"Delete","object":"https://a/1"})"), "foreign_actor") << "nobody says it";
  EXPECT_EQ(CodeOf(R"({"type":"Delete","actor":"https://a.evil/eve","object":"https://a/1"})"), "foreign_actor");
  EXPECT_EQ(Json(R"({"type":"Delete","actor":"https://A/moderator","object":"https://a/1"})").batch.changes.size(), 1U);
}

TEST_F(ActivityStreams, TakesBackWhatIsNoLongerPublic) {
  const std::string followers = R"("to":"https://a/users/ada/followers")";
  const ParsedBody body = Json(Activity("Update", Note("https://a/1", R"("content":"x")", followers), followers));
  ASSERT_EQ(body.batch.changes.size(), 1U);
  EXPECT_EQ(body.batch.changes[0].kind, BatchChange::Kind::kDelete);
  EXPECT_EQ(body.batch.changes[0].key, Key("activitypub", "https://a/1"));
}

TEST_F(ActivityStreams, ReplacesWhatIsUpdated) {
  const ParsedBody body = Json(Activity("Update", Note("https://a/1", R"("content":"new")")));
  ASSERT_EQ(body.batch.changes.size(), 1U);
  EXPECT_EQ(body.batch.changes[0].kind, BatchChange::Kind::kReplace);
  EXPECT_EQ(body.batch.changes[0].key, Key("activitypub", "https://a/1"));
  EXPECT_EQ(Json(Activity("Update", R"({"type":"Person","id":"https://b/users/bob"})")).ignored, 1U);
  EXPECT_EQ(Json(Activity("Update", "\"https://a/1\"")).ignored, 1U);
  EXPECT_EQ(Json(Note("https://a/1", R"("content":"x","updated":"2018-02-19T00:00:00Z")")).batch.changes.size(), 1U);
}

TEST_F(ActivityStreams, TakesBackWhatIsDeletedOrUndone) {
  const ParsedBody body = Lines(
      R"({"type":"Delete","actor":"https://a/users/ada","object":{"type":"Tombstone","id":"https://a/1"}})"
      "\n"
      R"({"type":"Delete","actor":"https://a/users/ada","object":"https://a/2"})"
      "\n"
      R"({"type":"Undo","actor":"https://a/users/ada","object":{"type":"Announce","id":"https://a/3","object":"https://b/1"}})"
      "\n"
      R"({"type":"Undo","actor":"https://a/users/ada","object":"https://a/4"})"
      "\n"
      R"({"type":"Undo","actor":"https://a/users/ada","object":{"type":"Like","id":"https://a/5"}})"
      "\n"
      R"({"type":"Delete","actor":"https://a/users/ada","object":"https://a/users/ada"})"
      "\n"
      R"({"type":"Delete","actor":"https://a/users/ada","object":{"type":"Person","id":"https://a/users/eve"}})"
      "\n"
      R"({"type":"Delete","actor":"https://a/users/ada"})"
      "\n");
  ASSERT_EQ(body.batch.changes.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(body.batch.changes[i].kind, BatchChange::Kind::kDelete);
    EXPECT_EQ(body.batch.changes[i].key, Key("activitypub", "https://a/" + std::to_string(i + 1)));
  }
  EXPECT_EQ(body.ignored, 4U);
  EXPECT_EQ(body.rejected, 0U);
  // Only of itself can an account say that it is gone.
  const std::vector<AuthorRef> gone{{.source = "activitypub", .author = "https://a/users/ada"}};
  EXPECT_EQ(body.batch.gone_authors, gone);
  EXPECT_TRUE(Json(R"({"type":"Undo","actor":"https://a/users/ada","object":"https://a/users/ada"})").batch.empty());
}

TEST_F(ActivityStreams, IgnoresWhatIsNoPost) {
  for (const char* type : {"Like", "Follow", "Accept", "Add", "Person", "Tombstone", "OrderedCollection"}) {
    EXPECT_EQ(Json(Activity(type, R"({"type":"Note","id":"1"})")).ignored, 1U) << type;
  }
  EXPECT_EQ(Json(Activity("Create", R"({"type":"Listen","id":"1"})")).ignored, 1U);
}

TEST_F(ActivityStreams, RefusesWhatIsNotForEveryone) {
  const std::string content = R"("content":"x")";
  const std::string followers = R"("to":["https://a/followers"])";
  const std::string unlisted = R"("to":["https://a/followers"],"cc":["as:Public"])";
  EXPECT_EQ(CodeOf(Note("1", content, followers)), "not_public");
  EXPECT_EQ(CodeOf(Note("1", content, unlisted)), "not_public");
  EXPECT_EQ(CodeOf(Note("1", content, R"("to":null)")), "not_public");
  EXPECT_EQ(CodeOf(R"({"type":"Note","id":"1","attributedTo":"a","published":"2018-02-17T19:39:15Z","content":"x"})"),
            "not_public");
  // The strictest of the two addresses counts.
  EXPECT_EQ(CodeOf(Activity("Create", Note("1", content, followers))), "not_public");
  EXPECT_EQ(CodeOf(Activity("Create", Note("1", content), followers)), "not_public");
  EXPECT_EQ(CodeOf(Activity("Announce", Note("1", content, followers))), "not_public");
  EXPECT_EQ(CodeOf(Activity("Announce", "\"https://a/1\"", followers)), "not_public");
  EXPECT_EQ(CodeOf(Activity("Create", R"({"type":"ChatMessage","id":"1","content":"x"})", followers)), "not_public");
  EXPECT_EQ(CodeOf(Note("1", content, R"("audience":"as:Public","to":[])")), "");
}

TEST_F(ActivityStreams, LeavesOutAnAnswerWhoseNameIsTooLong) {
  const Post post = Read(Note("1", R"("content":"x","inReplyTo":"https://c/)" + std::string(300, 'c') + "\""));
  EXPECT_EQ(post.in_reply_to, "");
}

TEST_F(ActivityStreams, NamesWhatIsMissingOrWrong) {
  EXPECT_EQ(CodeOf("{}"), "not_a_post");
  EXPECT_EQ(CodeOf(R"({"type":"Note","to":"as:Public","content":"x"})"), "missing_id");
  EXPECT_EQ(CodeOf(R"({"type":"Note","to":"as:Public","content":"x","id":"1"})"), "missing_author");
  EXPECT_EQ(CodeOf(R"({"type":"Note","to":"as:Public","content":"x","id":"1","attributedTo":"a"})"),
            "missing_created_at");
  EXPECT_EQ(CodeOf(Note("1", R"("name":"a vote")")), "missing_text");
  EXPECT_EQ(CodeOf(Note("1", R"("content":"x","content":"y")")), "duplicate_field");
  EXPECT_EQ(CodeOf(Activity("Create", Note("1", R"("content":"x")")) + " 1"), "malformed_json");
  EXPECT_EQ(CodeOf(Note("1", R"("content":"x","attachment":[{"a":}])")), "malformed_json");
}

}  // namespace
}  // namespace tagswell
