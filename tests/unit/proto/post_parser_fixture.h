// What tests of the parser share: good posts to spoil, and short ways to parse them.
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <utility>
#include <vector>

#include "proto/post_codec.h"
#include "proto/post_parser.h"

namespace tagswell {

class PostParserFixture : public testing::Test {
 protected:
  std::expected<ParsedBody, Error> Parse(BodyShape shape, std::string body) {
    const std::size_t size = body.size();
    body.append(simdjson::SIMDJSON_PADDING, '"');  // what stands there must not matter
    return parser_.Parse(shape, std::string_view(body).substr(0, size), kTimestampMax);
  }

  // The code of the first error of one post as a JSON body; "" when it is good.
  std::string CodeOf(std::string body) {
    const auto parsed = Parse(BodyShape::kJson, std::move(body));
    if (!parsed) return parsed.error().code;
    return parsed->errors.empty() ? "" : parsed->errors[0].error.code;
  }

  // One good post as JSON, but with `field` said otherwise.
  static std::string With(const std::string& field, const std::string& value) {
    std::vector<std::pair<std::string, std::string>> fields = {{"id", "\"1\""},
                                                               {"source", "\"twitter\""},
                                                               {"author", "\"ann\""},
                                                               {"created_at", "\"2017-10-15T20:21:45Z\""},
                                                               {"text", "\"hi #Rain\""}};
    bool known = false;
    for (auto& [name, old] : fields) {
      if (name == field) {
        old = value;
        known = true;
      }
    }
    if (!known && !field.empty()) fields.emplace_back(field, value);
    std::string json = "{";
    for (const auto& [name, text] : fields) {
      if (!text.empty()) json += (json.size() > 1 ? ",\"" : "\"") + name + "\":" + text;
    }
    return json + "}";
  }
  static std::string Good() { return With("", ""); }

  // The only post of a body.
  Post Read(std::string json) {
    auto parsed = Parse(BodyShape::kJson, std::move(json));
    if (!parsed || parsed->batch.size() != 1) {
      ADD_FAILURE() << (parsed ? parsed->errors[0].error.detail : parsed.error().detail);
      return {};
    }
    kept_ = std::move(parsed->batch.records);
    EXPECT_TRUE(DecodeRecord(kept_, record_));
    return record_.post;
  }

  TopicResolver resolver_ = TopicResolver::Create({}).value();
  PostParser parser_{resolver_, HashSalt{42}};
  std::string kept_;
  Record record_;
};

}  // namespace tagswell
