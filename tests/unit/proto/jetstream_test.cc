#include <gtest/gtest.h>

#include "tests/unit/proto/format_fixture.h"

namespace tagswell {
namespace {

class Jetstream : public FormatFixture {
 protected:
  Jetstream() : FormatFixture(PostFormat::kJetstream) {}

  // 2026-07-04T14:38:08.090631Z
  static std::string Commit(const std::string& operation, const std::string& record,
                            const std::string& collection = "app.bsky.feed.post") {
    return R"({"did":"did:plc:ada","time_us":1783175888090631,"kind":"commit","commit":{"rev":"r","operation":")" +
           operation + R"(","collection":")" + collection + R"(","rkey":"3k")" +
           (record.empty() ? "" : R"(,"record":{"$type":"app.bsky.feed.post",)" + record + "}") + "}}";
  }
  static std::string Facet(const std::string& tag) {
    return R"({"index":{"byteStart":0,"byteEnd":4},"features":[{"$type":"app.bsky.richtext.facet#tag","tag":")" + tag +
           R"("}]})";
  }
  static constexpr const char* kId = "at://did:plc:ada/app.bsky.feed.post/3k";
  static constexpr const char* kTime = R"("createdAt":"2026-07-04T14:38:06.240Z")";
  static std::string Text(const std::string& text) { return kTime + (R"(,"text":")" + text) + "\""; }
};

TEST_F(Jetstream, ReadsAPost) {
  const Post post =
      Read(Commit("create", Text("#Rain again") + R"(,"langs":["en-US","de"],"facets":[)" + Facet("Rain") +
                                R"(,{"features":[{"$type":"app.bsky.richtext.facet#link","uri":"x"}]}],
      "reply":{"root":{"uri":"at://r"},"parent":{"cid":"c","uri":"at://did:plc:bob/app.bsky.feed.post/3a"}})"));
  EXPECT_EQ(post.id, kId);
  EXPECT_EQ(post.source, "bluesky");
  EXPECT_EQ(post.author, "did:plc:ada");
  EXPECT_EQ(FormatTimestamp(post.created_at), "2026-07-04T14:38:06.240Z");
  EXPECT_EQ(post.text, "#Rain again");
  EXPECT_EQ(post.lang, "en");
  EXPECT_EQ(post.kind, PostKind::kReply);
  EXPECT_EQ(post.in_reply_to, "at://did:plc:bob/app.bsky.feed.post/3a");
  EXPECT_EQ(TopicsOf(post), Topics{"rain"});
}

TEST_F(Jetstream, TakesFacetsFirstAndTheTextSecond) {
  const auto topics = [&](const std::string& more) {
    return TopicsOf(Read(Commit("create", Text("#One #two") + more)));
  };
  EXPECT_EQ(topics(""), (Topics{"one", "two"}));
  EXPECT_EQ(topics(R"(,"facets":[])"), (Topics{"one", "two"}));
  EXPECT_EQ(topics(R"(,"facets":[)" + Facet("Two") + "]"), Topics{"two"});
  EXPECT_EQ(topics(R"(,"tags":["three"])"), (Topics{"one", "two", "three"}));
  EXPECT_EQ(topics(R"(,"tags":["three"],"facets":[)" + Facet("Two") + "]"), (Topics{"two", "three"}));
}

TEST_F(Jetstream, NeverDatesAPostLaterThanTheNetworkSawIt) {
  const auto time = [&](const std::string& created) {
    return FormatTimestamp(
        Read(Commit("create", R"("text":"x")" + (created.empty() ? "" : R"(,"createdAt":")" + created + "\"")))
            .created_at);
  };
  EXPECT_EQ(time("2026-07-04T14:38:06+00:00"), "2026-07-04T14:38:06Z");
  EXPECT_EQ(time("2031-01-01T00:00:00Z"), "2026-07-04T14:38:08.090Z");
  EXPECT_EQ(time("2015-01-01T00:00:00Z"), "2015-01-01T00:00:00Z");
  EXPECT_EQ(time("0001-01-01T00:00:00Z"), "2026-07-04T14:38:08.090Z");
  EXPECT_EQ(time("yesterday"), "2026-07-04T14:38:08.090Z");
  EXPECT_EQ(time(""), "2026-07-04T14:38:08.090Z");
}

TEST_F(Jetstream, KnowsQuotes) {
  const std::string quoted = R"({"cid":"c","uri":"at://did:plc:bob/app.bsky.feed.post/3a"})";
  EXPECT_EQ(
      Read(Commit("create", Text("x") + R"(,"embed":{"$type":"app.bsky.embed.record","record":)" + quoted + "}")).kind,
      PostKind::kQuote);
  EXPECT_EQ(
      Read(Commit("create", Text("x") + R"(,"embed":{"record":{"record":)" + quoted + R"(},"media":{"uri":"y"}})"))
          .kind,
      PostKind::kQuote);
  EXPECT_EQ(Read(Commit("create", Text("x") + R"(,"embed":{"external":{"uri":"https://x"}})")).kind,
            PostKind::kOriginal);
  EXPECT_EQ(
      Read(Commit("create", Text("x") + R"(,"embed":{"record":{"uri":"at://did:plc:bob/app.bsky.graph.list/3a"}})"))
          .kind,
      PostKind::kOriginal);
}

TEST_F(Jetstream, ReadsUpdatesAndDeletions) {
  const ParsedBody body = Lines(Commit("update", Text("new")) + "\n" + Commit("delete", "") + "\n");
  EXPECT_EQ(body.batch.size(), 1U);
  ASSERT_EQ(body.batch.changes.size(), 2U);
  EXPECT_EQ(body.batch.changes[0].kind, BatchChange::Kind::kReplace);
  EXPECT_EQ(body.batch.changes[1].kind, BatchChange::Kind::kDelete);
  EXPECT_EQ(body.batch.changes[1].at, 1U);
  for (const BatchChange& change : body.batch.changes) EXPECT_EQ(change.key, Key("bluesky", kId));
}

TEST_F(Jetstream, IgnoresWhatIsNoPost) {
  const ParsedBody body = Lines(
      Commit("create", R"("subject":{"uri":"at://x"},"createdAt":"2026-07-04T14:38:06Z")", "app.bsky.feed.repost") +
      "\n" + Commit("create", R"("subject":"did:plc:x")", "app.bsky.graph.follow") + "\n" +
      Commit("delete", "", "app.bsky.feed.like") + "\n" +
      R"({"did":"did:plc:ada","time_us":1,"kind":"identity","identity":{"did":"did:plc:ada"}})"
      "\n"
      R"({"did":"did:plc:ada","time_us":1,"kind":"account","account":{"active":false,"status":"deactivated"}})"
      "\n\n");
  EXPECT_EQ(body.ignored, 6U);
  EXPECT_TRUE(body.batch.empty());
  EXPECT_EQ(body.rejected, 0U);
}

TEST_F(Jetstream, TakesBackWhatAnAccountWroteThatIsGone) {
  const auto account = [](const std::string& did, const std::string& of) {
    return R"({"did":")" + did + R"(","time_us":1,"kind":"account","account":)" + of + "}\n";
  };
  const ParsedBody body =
      Lines(account("did:plc:ada", R"({"active":false,"status":"deleted"})") +
            account("did:plc:bob", R"({"active":false,"status":"takendown"})") +
            account("did:plc:eve", R"({"active":false,"status":"suspended"})") +
            account("did:plc:joe", R"({"active":true})") + account("", R"({"active":false,"status":"deleted"})"));
  const std::vector<AuthorRef> gone{{.source = "bluesky", .author = "did:plc:ada"},
                                    {.source = "bluesky", .author = "did:plc:bob"}};
  EXPECT_EQ(body.batch.gone_authors, gone);
  EXPECT_EQ(body.ignored, 5U);
  EXPECT_TRUE(body.batch.changes.empty());
  EXPECT_FALSE(body.batch.empty());
}

TEST_F(Jetstream, NamesWhatIsMissingOrWrong) {
  EXPECT_EQ(CodeOf("{}"), "not_a_post");
  EXPECT_EQ(
      CodeOf(R"({"kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.post","record":{}}})"),
      "missing_id");
  EXPECT_EQ(CodeOf(Commit("create", "")), "missing_text");
  EXPECT_EQ(
      CodeOf(R"({"did":"d","kind":"commit","commit":{"operation":"create","collection":"app.bsky.feed.post","rkey":"1",
      "record":{"text":"x","createdAt":"yesterday"}}})"),
      "bad_time");
  EXPECT_EQ(CodeOf(Commit("create", Text("x") + R"(,"text":"y")")), "duplicate_field");
  EXPECT_EQ(CodeOf(Commit("create", Text("x")) + "}"), "malformed_json");
  EXPECT_EQ(CodeOf(Commit("create", Text("x") + R"(,"z":[1,])")), "malformed_json");
}

}  // namespace
}  // namespace tagswell
