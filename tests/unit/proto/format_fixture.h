// What tests of the platforms' formats share: short ways to parse a body and to look at what came of it.
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <utility>
#include <vector>

#include "proto/body_parser.h"
#include "proto/post_codec.h"

namespace tagswell {

class FormatFixture : public testing::Test {
 protected:
  explicit FormatFixture(PostFormat format) : format_(format) {}

  std::expected<ParsedBody, Error> Parse(BodyShape shape, std::string body) {
    const std::size_t size = body.size();
    body.append(simdjson::SIMDJSON_PADDING, '"');  // what stands there must not matter
    return parser_.Parse(format_, shape, std::string_view(body).substr(0, size), kTimestampMax);
  }
  ParsedBody Lines(std::string body) {
    auto parsed = Parse(BodyShape::kNdjson, std::move(body));
    EXPECT_TRUE(parsed.has_value());
    return parsed ? std::move(*parsed) : ParsedBody();
  }
  ParsedBody Json(std::string body) {
    auto parsed = Parse(BodyShape::kJson, std::move(body));
    if (!parsed) ADD_FAILURE() << parsed.error().code;
    return parsed ? std::move(*parsed) : ParsedBody();
  }

  // The posts of a body in their stored form; valid until the next call.
  const std::vector<Post>& PostsOf(ParsedBody body) {
    kept_ = std::move(body.batch);
    posts_.clear();
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      Record record;
      EXPECT_TRUE(DecodeRecord(kept_.RecordAt(i), record));
      posts_.push_back(std::move(record.post));
    }
    return posts_;
  }
  // The only post of one document.
  Post Read(std::string json) {
    ParsedBody body = Json(std::move(json));
    for (const LineError& error : body.errors) ADD_FAILURE() << error.error.code << ": " << error.error.detail;
    if (body.batch.size() != 1) {
      ADD_FAILURE() << body.batch.size() << " posts";
      return {};
    }
    return PostsOf(std::move(body)).front();
  }
  // The code of the only error of one document; "" when there is none.
  std::string CodeOf(std::string json) {
    const auto parsed = Parse(BodyShape::kJson, std::move(json));
    if (!parsed) return parsed.error().code;
    return parsed->errors.empty() ? "" : parsed->errors[0].error.code;
  }

  static std::vector<std::string> TopicsOf(const Post& post) {
    std::vector<std::string> topics;
    for (const Mention& mention : post.mentions) topics.emplace_back(mention.topic);
    return topics;
  }
  static PostKey Key(std::string_view source, std::string_view id) { return KeyOf(source, id, kSalt); }

  static constexpr HashSalt kSalt{42};
  const PostFormat format_;
  TopicResolver resolver_ = TopicResolver::Create({}).value();
  BodyParser parser_{resolver_, kSalt};
  PostBatch kept_;
  std::vector<Post> posts_;
};

using Topics = std::vector<std::string>;

}  // namespace tagswell
