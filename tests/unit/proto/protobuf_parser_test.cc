#include "proto/protobuf_parser.h"

#include <gtest/gtest.h>

#include "proto/post_codec.h"
#include "proto/tagswell.pb.h"

namespace tagswell {
namespace {

class ProtobufParserTest : public testing::Test {
 protected:
  static v1::Post& AddGood(v1::PostBatch& batch, const std::string& id) {
    v1::Post& post = *batch.add_posts();
    post.set_id(id);
    post.set_source("twitter");
    post.set_author("ann");
    post.set_created_at_ms(1'508'098'905'123);
    post.set_text("hi #Rain");
    return post;
  }
  std::expected<ParsedBody, Error> Parse(const std::string& bytes) { return parser_.Parse(bytes, kTimestampMax); }
  ParsedBody Parse(const v1::PostBatch& batch) {
    auto parsed = Parse(batch.SerializeAsString());
    if (!parsed) ADD_FAILURE() << parsed.error().code;
    return parsed ? std::move(*parsed) : ParsedBody();
  }
  std::string CodeOf(const v1::PostBatch& batch) {
    const ParsedBody body = Parse(batch);
    return body.errors.empty() ? "" : body.errors[0].error.code;
  }

  TopicResolver resolver_ = TopicResolver::Create({}).value();
  ProtobufParser parser_{resolver_, HashSalt{42}, {.posts_max = 5}};
};

TEST_F(ProtobufParserTest, ReadsEveryField) {
  v1::PostBatch batch;
  v1::Post& post = AddGood(batch, "1");
  post.set_kind(v1::Post::KIND_QUOTE);
  post.set_lang("en-GB");
  post.set_country("gb");
  post.set_in_reply_to("0");
  post.set_repost_of("7");
  post.set_author_followers(12);
  post.set_author_created_at_ms(1000);
  post.set_author_is_bot(true);
  post.mutable_tags()->add_tags("#Snow");
  const ParsedBody body = Parse(batch);
  ASSERT_EQ(body.batch.size(), 1U);
  EXPECT_FALSE(body.single);
  Record record;
  ASSERT_TRUE(DecodeRecord(body.batch.RecordAt(0), record));
  EXPECT_EQ(PostToJson(record.post),
            R"({"id":"1","source":"twitter","author":"ann","created_at":"2017-10-15T20:21:45.123Z","text":"hi #Rain",)"
            R"("kind":"quote","lang":"en","country":"GB","in_reply_to":"0","repost_of":"7","author_followers":12,)"
            R"("author_created_at":"1970-01-01T00:00:01Z","author_is_bot":true,"topics":["snow"]})");
}

TEST_F(ProtobufParserTest, TakesNoTagsForAnAnswerOnlyWhereTheyAreSet) {
  v1::PostBatch batch;
  AddGood(batch, "1");
  AddGood(batch, "2").mutable_tags();
  const ParsedBody body = Parse(batch);
  Record record;
  ASSERT_TRUE(DecodeRecord(body.batch.RecordAt(0), record));
  EXPECT_EQ(record.post.mentions.size(), 1U);
  ASSERT_TRUE(DecodeRecord(body.batch.RecordAt(1), record));
  EXPECT_EQ(record.post.mentions.size(), 0U);
}

TEST_F(ProtobufParserTest, NamesWhatIsMissingOrWrong) {
  const auto code = [&](void (*spoil)(v1::Post&)) {
    v1::PostBatch batch;
    spoil(AddGood(batch, "1"));
    return CodeOf(batch);
  };
  EXPECT_EQ(code([](v1::Post& post) { post.clear_id(); }), "missing_id");
  EXPECT_EQ(code([](v1::Post& post) { post.clear_author(); }), "missing_author");
  EXPECT_EQ(code([](v1::Post& post) { post.clear_created_at_ms(); }), "missing_created_at");
  EXPECT_EQ(code([](v1::Post& post) { post.clear_text(); }), "");
  EXPECT_EQ(code([](v1::Post& post) { post.set_created_at_ms(-1); }), "time_out_of_range");
  EXPECT_EQ(code([](v1::Post& post) { post.set_created_at_ms(INT64_MAX); }), "time_out_of_range");
  EXPECT_EQ(code([](v1::Post& post) { post.set_kind(static_cast<v1::Post::Kind>(9)); }), "bad_kind");
  EXPECT_EQ(code([](v1::Post& post) { post.set_lang("x"); }), "bad_lang");
  EXPECT_EQ(code([](v1::Post& post) { post.set_text(std::string(65'537, 'x')); }), "text_too_long");
  EXPECT_EQ(code([](v1::Post& post) { post.set_text(std::string(600'000, 'x')); }), "post_too_large");
}

TEST_F(ProtobufParserTest, TellsWhatIsNoPostByItsPlace) {
  v1::PostBatch good;
  AddGood(good, "1");
  // A post with bytes that are no UTF-8, one that is cut, and a good one.
  const std::string bytes =
      std::string("\x0A\x03\x0A\x01\xFF", 5) + std::string("\x0A\x01\x0A", 3) + good.SerializeAsString();
  const auto parsed = Parse(bytes);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->batch.size(), 1U);
  ASSERT_EQ(parsed->rejected, 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(parsed->errors[i].line, i + 1);
    EXPECT_EQ(parsed->errors[i].error.code, "malformed_protobuf");
  }
}

TEST_F(ProtobufParserTest, RefusesABodyThatIsNoBatch) {
  v1::PostBatch batch;
  AddGood(batch, "1");
  const std::string good = batch.SerializeAsString();
  EXPECT_EQ(Parse(good + std::string(1, '\0')).error().code, "malformed_protobuf");
  EXPECT_EQ(Parse(good.substr(0, good.size() - 1)).error().code, "malformed_protobuf");
  EXPECT_EQ(Parse(std::string("{\"id\":1}")).error().code, "malformed_protobuf");
  EXPECT_TRUE(Parse(std::string()).has_value());
  EXPECT_EQ(Parse(good + std::string("\x10\x01", 2))->batch.size(), 1U);  // an unknown field
  for (int i = 2; i <= 6; ++i) AddGood(batch, std::to_string(i));
  EXPECT_EQ(Parse(batch.SerializeAsString()).error().code, "too_many_posts");
}

}  // namespace
}  // namespace tagswell
