// What a parser makes of one request body, and its bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "proto/error.h"
#include "proto/post_batch.h"

namespace tagswell {

enum class BodyShape : std::uint8_t {
  kJson,             // one post or an array of posts
  kNdjson,           // a post a line
  kProtobuf,         // a PostBatch
  kCloudEvent,       // one event of CloudEvents, whose data is a post
  kCloudEvents,      // an array of them
  kCloudEventLines,  // one a line
};

struct LineError {
  std::uint64_t line = 0;  // 1-based line of NDJSON, or 1-based element of an array
  Error error;
};

struct ParsedBody {
  PostBatch batch;                // the good posts, and what is said of earlier ones
  std::uint64_t ignored = 0;      // messages that are no posts and no errors: keep-alives, notices
  std::uint64_t rejected = 0;     // the bad ones
  std::vector<LineError> errors;  // the first `errors_max` of them
  bool single = false;            // kJson held one post, good or bad
};

struct PostParserOptions {
  std::size_t errors_max = 100;     // listed errors a body; more are only counted
  std::size_t posts_max = 100'000;  // posts a body; beyond it: too_many_posts for the whole body
  std::size_t text_bytes_max = 65'536;
  std::size_t depth_max = 64;  // JSON nesting, of fields that are ignored too
};

}  // namespace tagswell
