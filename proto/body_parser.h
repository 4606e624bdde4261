// The parser for any body that posts come in: one choice a body, then the parser of its format.
#pragma once

#include <array>
#include <expected>
#include <memory>
#include <string_view>

#include "proto/formats/format_parser.h"
#include "proto/parsed_body.h"
#include "proto/post_format.h"
#include "proto/post_parser.h"
#include "proto/protobuf_parser.h"

namespace tagswell {

// One per thread: keeps its buffers, those of a format from its first body on.
class BodyParser {
 public:
  // `resolver` outlives the parser.
  BodyParser(const TopicResolver& resolver, HashSalt salt)
      : resolver_(resolver), salt_(salt), posts_(resolver, salt), protobuf_(resolver, salt) {}

  // As PostParser::Parse. Protobuf is tagswell's own, whatever `format` says.
  std::expected<ParsedBody, Error> Parse(PostFormat format, BodyShape shape, std::string_view body,
                                         Timestamp accept_until);

 private:
  const TopicResolver& resolver_;
  const HashSalt salt_;
  PostParser posts_;
  ProtobufParser protobuf_;
  std::array<std::unique_ptr<FormatParser>, kPostFormatNames.size()> formats_;
};

}  // namespace tagswell
