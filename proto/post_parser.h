// From a request body in tagswell's own JSON to encoded records. simdjson parses, line by line.
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

// One per thread: keeps its buffers. Reads simdjson::SIMDJSON_PADDING (64) bytes past `body`: they must be allocated.
class PostParser {
 public:
  PostParser(const TopicResolver& resolver, HashSalt salt, PostParserOptions options = {});
  ~PostParser();

  // `shape` is kJson or kNdjson. A body that is not JSON as a whole (kJson only) is an error: malformed_json (the 400),
  // as is too_many_posts. Everything else is told by line. Posts later than `accept_until` are rejected
  // (created_at_in_future). `body` must have 64 readable bytes behind its end; their content does not matter.
  std::expected<ParsedBody, Error> Parse(BodyShape shape, std::string_view body, Timestamp accept_until);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
