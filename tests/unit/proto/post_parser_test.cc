#include "proto/post_parser.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "proto/post_codec.h"
#include "tests/unit/proto/post_parser_fixture.h"

namespace tagswell {
namespace {

constexpr std::size_t kPadding = simdjson::SIMDJSON_PADDING;
constexpr HashSalt kSalt{42};

using PostParserTest = PostParserFixture;

TEST_F(PostParserTest, ReadsEveryField) {
  const Post post = Read(
      R"({"id":"a1","source":"mastodon","author":"ann","created_at":"2017-10-15T20:21:45.5+02:00","text":"Caf\u00e9 #MeToo\n",)"
      R"("kind":"quote","lang":"EN-us","country":"us","in_reply_to":"a0","repost_of":"b0","author_followers":12,)"
      R"("author_created_at":"2010-01-01T00:00:00Z","author_is_bot":true,"unknown":[{"a":[1,2.5e3,null]}]})");
  EXPECT_EQ(post.id, "a1");
  EXPECT_EQ(post.source, "mastodon");
  EXPECT_EQ(post.author, "ann");
  EXPECT_EQ(FormatTimestamp(post.created_at), "2017-10-15T18:21:45.500Z");
  EXPECT_EQ(post.text, "Caf\u00E9 #MeToo\n");
  EXPECT_EQ(post.kind, PostKind::kQuote);
  EXPECT_EQ(post.lang, "en");
  EXPECT_EQ(post.country, "US");
  EXPECT_EQ(post.in_reply_to, "a0");
  EXPECT_EQ(post.repost_of, "b0");
  EXPECT_EQ(post.author_followers, 12U);
  EXPECT_EQ(FormatTimestamp(post.author_created_at.value()), "2010-01-01T00:00:00Z");
  EXPECT_TRUE(post.author_is_bot);
  ASSERT_EQ(post.mentions.size(), 1U);
  EXPECT_EQ(post.mentions[0].topic, "metoo");
  EXPECT_EQ(post.mentions[0].spelling, "MeToo");
}

TEST_F(PostParserTest, DerivesTheKind) {
  EXPECT_EQ(Read(Good()).kind, PostKind::kOriginal);
  EXPECT_EQ(Read(With("in_reply_to", "\"0\"")).kind, PostKind::kReply);
  EXPECT_EQ(Read(With("repost_of", "\"0\"")).kind, PostKind::kRepost);
  EXPECT_EQ(Read(With("kind", "\"reply\"")).kind, PostKind::kReply);
}

TEST_F(PostParserTest, TakesNullAsAbsentWhereAFieldIsOptional) {
  for (const char* field : {"kind", "lang", "country", "in_reply_to", "repost_of", "author_followers",
                            "author_created_at", "author_is_bot", "tags"}) {
    EXPECT_EQ(CodeOf(With(field, "null")), "") << field;
  }
  EXPECT_EQ(Read(With("tags", "null")).mentions.size(), 1U);
}

TEST_F(PostParserTest, TakesNamedTagsInPlaceOfExtraction) {
  const Post post = Read(With("tags", R"(["#Snow","su\u006E"])"));
  ASSERT_EQ(post.mentions.size(), 2U);
  EXPECT_EQ(post.mentions[0].topic, "snow");
  EXPECT_EQ(post.mentions[1].topic, "sun");
  EXPECT_EQ(Read(With("tags", "[]")).mentions.size(), 0U);
}

TEST_F(PostParserTest, NamesWhatIsWrong) {
  for (const char* field : {"id", "source", "author", "created_at", "text"}) {
    EXPECT_EQ(CodeOf(With(field, "")), "missing_" + std::string(field));
    for (const char* value : {"null", "1", "true", "[]", "{}", "1.5"}) {
      EXPECT_EQ(CodeOf(With(field, value)), "bad_type") << field << value;
    }
  }
  const auto quoted = [](std::size_t size) { return "\"" + std::string(size, 'x') + "\""; };
  const std::vector<std::array<std::string, 3>> cases = {
      {"id", quoted(256), ""},
      {"id", quoted(257), "id_too_long"},
      {"id", quoted(0), "empty_id"},
      {"source", quoted(64), ""},
      {"source", quoted(65), "source_too_long"},
      {"source", quoted(0), "empty_source"},
      {"source", R"("a\nb")", "bad_source"},
      {"author", quoted(257), "author_too_long"},
      {"author", quoted(0), "empty_author"},
      {"text", quoted(0), ""},
      {"text", quoted(65'536), ""},
      {"text", quoted(65'537), "text_too_long"},
      {"in_reply_to", quoted(257), "in_reply_to_too_long"},
      {"repost_of", quoted(257), "repost_of_too_long"},
      {"created_at", quoted(3), "bad_time"},
      {"created_at", "\"1960-01-01T00:00:00Z\"", "time_out_of_range"},
      {"author_created_at", quoted(3), "bad_time"},
      {"kind", quoted(3), "bad_kind"},
      {"kind", "7", "bad_type"},
      {"lang", "\"e\"", "bad_lang"},
      {"lang", "\"12\"", "bad_lang"},
      {"lang", "\"english-us\"", ""},
      {"lang", quoted(9), "bad_lang"},
      {"lang", "\"pt_BR\"", ""},
      {"country", "\"USA\"", "bad_country"},
      {"country", "\"1A\"", "bad_country"},
      {"country", "1", "bad_type"},
      {"author_followers", "0", ""},
      {"author_followers", "18446744073709551615", ""},
      {"author_followers", "18446744073709551616", "bad_type"},
      {"author_followers", "-1", "bad_type"},
      {"author_followers", "1.0", "bad_type"},
      {"author_followers", "\"1\"", "bad_type"},
      {"author_is_bot", "1", "bad_type"},
      {"author_is_bot", "\"true\"", "bad_type"},
      {"tags", "\"a\"", "bad_type"},
      {"tags", "[1]", "bad_type"},
      {"tags", "[[\"a\"]]", "bad_type"},
      {"tags", "[" + quoted(65'536) + "]", "tags_too_long"},
      {"author_followers", "01", "malformed_json"},
  };
  for (const auto& [field, value, code] : cases) {
    const auto parsed = Parse(BodyShape::kJson, With(field, value));
    if (code == "malformed_json") {
      EXPECT_FALSE(parsed) << field << " " << value;
      continue;
    }
    ASSERT_TRUE(parsed) << field << " " << value;
    ASSERT_EQ(parsed->errors.empty(), code.empty()) << field << " " << value.substr(0, 80);
    if (code.empty()) continue;
    EXPECT_EQ(parsed->errors[0].error.code, code) << field << " " << value.substr(0, 80);
    EXPECT_EQ(parsed->errors[0].error.field, field);
    EXPECT_NE(parsed->errors[0].error.detail.find(field), std::string::npos);
  }
}

TEST_F(PostParserTest, RefusesFieldsThatStandThereTwice) {
  EXPECT_EQ(CodeOf(R"({"id":"1",)" + Good().substr(1)), "duplicate_field");
  EXPECT_EQ(CodeOf(R"({"\u0069d":"1",)" + Good().substr(1)), "duplicate_field");
  EXPECT_EQ(CodeOf(R"({"x":"1","x":2,)" + Good().substr(1)), "");
}

TEST_F(PostParserTest, RefusesPostsFromTheFuture) {
  std::string body = Good();
  const std::size_t size = body.size();
  body.append(kPadding, ' ');
  const auto at = ParseTimestamp("2017-10-15T20:21:45Z").value();
  const std::string_view json = std::string_view(body).substr(0, size);
  EXPECT_EQ(parser_.Parse(BodyShape::kJson, json, at)->batch.size(), 1U);
  EXPECT_EQ(parser_.Parse(BodyShape::kJson, json, at - Duration{1})->errors[0].error.code, "created_at_in_future");
}

TEST_F(PostParserTest, ReadsLinesAndNamesTheBadOnes) {
  const auto parsed =
      Parse(BodyShape::kNdjson, Good() + "\r\n\n  \n{\"id\":1}\n" + With("id", "\"2\"") + "\nnot json\n[]\n" + Good() +
                                    Good() + "\n7\n\"x\"\n" + With("id", "\"3\""));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->batch.size(), 3U);
  EXPECT_FALSE(parsed->single);
  EXPECT_EQ(parsed->rejected, 6U);
  std::string told;
  for (const LineError& error : parsed->errors) told += std::to_string(error.line) + error.error.code + " ";
  EXPECT_EQ(told, "4bad_type 6malformed_json 7not_a_post 8malformed_json 9not_a_post 10not_a_post ");
  EXPECT_EQ(parsed->batch.keys[1], KeyOf("twitter", "2", kSalt));
  EXPECT_EQ(FormatTimestamp(parsed->batch.newest), "2017-10-15T20:21:45Z");
  Record record;
  EXPECT_EQ(DecodeRecord(parsed->batch.RecordAt(2), record).value(), parsed->batch.RecordAt(2).size());
  EXPECT_EQ(record.post.id, "3");
}

TEST_F(PostParserTest, ReadsArraysAsAWholeOrNotAtAll) {
  const auto parsed = Parse(BodyShape::kJson, "[" + Good() + ", 7, {}, " + With("id", "\"2\"") + "]");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->batch.size(), 2U);
  ASSERT_EQ(parsed->errors.size(), 2U);
  EXPECT_EQ(parsed->errors[0].line, 2U);
  EXPECT_EQ(parsed->errors[0].error.code, "not_a_post");
  EXPECT_EQ(parsed->errors[1].line, 3U);
  EXPECT_EQ(parsed->errors[1].error.code, "missing_id");
  EXPECT_EQ(CodeOf("[" + Good() + "," + Good()), "malformed_json");
  EXPECT_EQ(CodeOf("[" + Good() + ",]"), "malformed_json");
  EXPECT_EQ(CodeOf("[" + Good() + "] 1"), "malformed_json");
  EXPECT_EQ(CodeOf("[" + Good() + "][]"), "malformed_json");
  EXPECT_EQ(CodeOf(""), "malformed_json");
  EXPECT_EQ(CodeOf("7"), "not_a_post");
  EXPECT_EQ(CodeOf("7 8"), "malformed_json");
  EXPECT_TRUE(Parse(BodyShape::kJson, " [ ] ").value().batch.empty());
  EXPECT_TRUE(Parse(BodyShape::kJson, Good()).value().single);
  EXPECT_TRUE(Parse(BodyShape::kNdjson, "").value().batch.empty());
  EXPECT_EQ(Parse(BodyShape::kJson, "\xEF\xBB\xBF" + Good()).value().batch.size(), 1U);
}

TEST_F(PostParserTest, NoticesWhatIsMalformedInIgnoredFields) {
  for (const char* value : {"tru",
                            "01",
                            "1.",
                            "-",
                            "+1",
                            ".5",
                            "1e",
                            "nul",
                            "\"\\x\"",
                            "\"\\ud800\"",
                            "\"\\udc00\"",
                            "\"\\ud800\\u0041\"",
                            "\"\\u12g4\"",
                            "[1,]",
                            "[1 2]",
                            "{\"a\"}",
                            "{\"a\":}",
                            "{\"a\":1,}",
                            "{1:2}",
                            "[}",
                            "{\"\\q\":1}",
                            "\"\xff\"",
                            "\"\t\"",
                            "[\"\\u-123\"]",
                            "",
                            "1 2"}) {
    EXPECT_EQ(CodeOf("{\"x\":" + std::string(value) + "," + Good().substr(1)), "malformed_json") << value;
    EXPECT_EQ(CodeOf(Good().substr(0, Good().size() - 1) + ",\"x\":" + value + "}"), "malformed_json") << value;
  }
  EXPECT_EQ(CodeOf(With("text", R"("\ud83d\ude00 \ud83d")")), "malformed_json");
  EXPECT_EQ(Read(With("text", R"("\ud83d\ude00\b\f\n\r\t\/\\\"")")).text, "\U0001F600\b\f\n\r\t/\\\"");
}

TEST_F(PostParserTest, BoundsNestingPostsAndErrors) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(CodeOf(With("x", nested(63))), "");
  EXPECT_EQ(CodeOf(With("x", nested(64))), "malformed_json");
  EXPECT_EQ(CodeOf("[" + With("x", nested(62)) + "]"), "");
  EXPECT_EQ(CodeOf("[" + With("x", nested(63)) + "]"), "malformed_json");
  EXPECT_EQ(CodeOf(nested(64)), "not_a_post");
  EXPECT_EQ(CodeOf(nested(100'000)), "malformed_json");

  PostParser small(resolver_, kSalt, {.errors_max = 2, .posts_max = 3});
  std::string body = "1\n2\n3\n";
  body.append(kPadding, ' ');
  const auto parsed = small.Parse(BodyShape::kNdjson, std::string_view(body).substr(0, 6), kTimestampMax);
  EXPECT_EQ(parsed->rejected, 3U);
  EXPECT_EQ(parsed->errors.size(), 2U);
  std::string more = "1\n2\n3\n4\n";
  more.append(kPadding, ' ');
  EXPECT_EQ(small.Parse(BodyShape::kNdjson, std::string_view(more).substr(0, 8), kTimestampMax).error().code,
            "too_many_posts");
}

}  // namespace
}  // namespace tagswell
