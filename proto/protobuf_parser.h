// From a request body that is a PostBatch of tagswell.proto to encoded records.
#pragma once

#include <expected>
#include <memory>
#include <string_view>

#include "proto/error.h"
#include "proto/parsed_body.h"
#include "proto/post_key.h"
#include "proto/time.h"
#include "proto/topic_resolver.h"

namespace tagswell {

// One per thread: keeps its buffers. Posts are read one by one: what a body takes in memory does not grow with them.
class ProtobufParser {
 public:
  // `resolver` outlives the parser.
  ProtobufParser(const TopicResolver& resolver, HashSalt salt, PostParserOptions options = {});
  ~ProtobufParser();

  // As PostParser::Parse, `line` being the post's place in the batch, from 1. Errors: malformed_protobuf for a body
  // that is no PostBatch, too_many_posts. A post that is no Post (or whose strings are no UTF-8) is malformed_protobuf
  // by itself, one of more than 512 KiB post_too_large.
  std::expected<ParsedBody, Error> Parse(std::string_view body, Timestamp accept_until);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
