#include "proto/post_parser.h"

#include <simdjson.h>

#include <utility>

#include "proto/batch_builder.h"
#include "proto/json_document.h"
#include "proto/post_reader.h"

namespace tagswell {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

struct PostParser::State {
  State(const TopicResolver& resolver, HashSalt salt, const PostParserOptions& options)
      : batch(resolver, salt, options) {}

  ondemand::parser parser;
  BatchBuilder batch;

  std::size_t depth_max() const { return batch.options().depth_max; }

  // Takes or rejects the post in `json`. False: it is malformed.
  bool ReadDocument(std::string_view json, std::uint64_t line) {
    ondemand::document document;
    if (!StartDocument(parser, json, document)) return false;
    if (FirstNonSpace(json) != '{') {
      if (!IsWellFormedOther(document, json, depth_max())) return false;
      batch.Reject(line, NotAPost());
      return true;
    }
    ondemand::object object;
    if (document.get_object().get(object) != SUCCESS ||
        !ReadPost(object, HoldsEscape(json), depth_max() - 1, batch.post()) || !AtEnd(document))
      return false;
    batch.Add(line);
    return true;
  }

  std::expected<ParsedBody, Error> ParseLines(std::string_view text) {
    const bool all = EachLine(text, [this](std::string_view line, std::uint64_t number) {
      if (FirstNonSpace(line) != '\0' && !ReadDocument(line, number)) batch.Reject(number, MalformedJson());
      return !batch.full();
    });
    if (!all) return std::unexpected(batch.TooManyPosts());
    return std::move(batch.body());
  }

  std::expected<ParsedBody, Error> ParseOne(std::string_view json) {
    batch.body().single = true;
    if (!ReadDocument(json, 1)) return std::unexpected(MalformedJson());
    return std::move(batch.body());
  }

  std::expected<ParsedBody, Error> ParseArray(std::string_view json) {
    ondemand::document document;
    ondemand::array array;
    const bool may_hold_escapes = HoldsEscape(json);
    if (!StartDocument(parser, json, document) || document.get_array().get(array) != SUCCESS)
      return std::unexpected(MalformedJson());
    std::uint64_t element = 0;
    for (simdjson::simdjson_result<ondemand::value> result : array) {
      ondemand::value value;
      if (std::move(result).get(value) != SUCCESS) return std::unexpected(MalformedJson());
      ++element;
      if (!value.raw_json_token().starts_with('{')) {
        if (!IsWellFormed(value, depth_max() - 1)) return std::unexpected(MalformedJson());
        batch.Reject(element, NotAPost());
      } else {
        ondemand::object object;
        if (value.get_object().get(object) != SUCCESS ||
            !ReadPost(object, may_hold_escapes, depth_max() - 2, batch.post())) {
          return std::unexpected(MalformedJson());
        }
        batch.Add(element);
      }
      if (batch.full()) return std::unexpected(batch.TooManyPosts());
    }
    if (!AtEnd(document)) return std::unexpected(MalformedJson());
    return std::move(batch.body());
  }
};

PostParser::PostParser(const TopicResolver& resolver, HashSalt salt, PostParserOptions options)
    : state_(std::make_unique<State>(resolver, salt, options)) {}

PostParser::~PostParser() = default;

std::expected<ParsedBody, Error> PostParser::Parse(BodyShape shape, std::string_view body, Timestamp accept_until) {
  body = WithoutByteOrderMark(body);
  state_->batch.Start(accept_until, body.size());
  if (shape == BodyShape::kNdjson) return state_->ParseLines(body);
  return FirstNonSpace(body) == '[' ? state_->ParseArray(body) : state_->ParseOne(body);
}

}  // namespace tagswell
