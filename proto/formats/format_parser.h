// From a request body in a platform's JSON, bare or in CloudEvents, to encoded records: cuts it into documents and has
// the format's reader read each. The whole of every document is checked, whether it is looked at or not.
#pragma once

#include <expected>
#include <memory>
#include <string_view>

#include "proto/error.h"
#include "proto/parsed_body.h"
#include "proto/post_format.h"
#include "proto/post_key.h"
#include "proto/time.h"
#include "proto/topic_resolver.h"

namespace tagswell {

// One per thread and format: keeps its buffers.
class FormatParser {
 public:
  // `resolver` outlives the parser.
  FormatParser(PostFormat format, const TopicResolver& resolver, HashSalt salt, PostParserOptions options = {});
  ~FormatParser();

  // As PostParser::Parse, for JSON of any shape; plain bodies of kTagswell are PostParser's. An array in a line
  // stands for its elements; a blank line is a keep-alive. Error besides: not_a_batch (kCloudEvents without an
  // array).
  std::expected<ParsedBody, Error> Parse(BodyShape shape, std::string_view body, Timestamp accept_until);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
