// From a request body in tagswell's own JSON to encoded records. simdjson parses, line by line.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/post_batch.h"
#include "proto/post_key.h"
#include "proto/time.h"
#include "proto/topic_resolver.h"

namespace tagswell {

enum class BodyShape { kJson, kNdjson };  // kJson: one post or an array of posts

struct LineError {
  std::uint64_t line = 0;  // 1-based line of NDJSON, or 1-based element of an array
  Error error;
};

struct ParsedBody {
  PostBatch batch;                // the good posts
  std::uint64_t rejected = 0;     // the bad ones
  std::vector<LineError> errors;  // the first `errors_max` of them
  bool single = false;            // kJson held one object, not an array
};

struct PostParserOptions {
  std::size_t errors_max = 100;     // listed errors a body; more are only counted
  std::size_t posts_max = 100'000;  // posts a body; beyond it: too_many_posts for the whole body
  std::size_t text_bytes_max = 65'536;
  std::size_t depth_max = 64;  // JSON nesting, of fields that are ignored too
};

// One per thread: keeps its buffers. Reads simdjson::SIMDJSON_PADDING (64) bytes past `body`: they must be allocated.
class PostParser {
 public:
  PostParser(const TopicResolver& resolver, HashSalt salt, PostParserOptions options = {});
  ~PostParser();

  // A body that is not JSON as a whole (kJson only) is an error: malformed_json (the 400), as is too_many_posts.
  // Everything else is told by line. Posts later than `accept_until` are rejected (created_at_in_future).
  // `body` must have 64 readable bytes behind its end; their content does not matter.
  std::expected<ParsedBody, Error> Parse(BodyShape shape, std::string_view body, Timestamp accept_until);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
