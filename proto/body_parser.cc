#include "proto/body_parser.h"

namespace tagswell {

std::expected<ParsedBody, Error> BodyParser::Parse(PostFormat format, BodyShape shape, std::string_view body,
                                                   Timestamp accept_until) {
  if (shape == BodyShape::kProtobuf) return protobuf_.Parse(body, accept_until);
  const bool is_plain = shape == BodyShape::kJson || shape == BodyShape::kNdjson;
  if (format == PostFormat::kTagswell && is_plain) return posts_.Parse(shape, body, accept_until);
  std::unique_ptr<FormatParser>& parser = formats_[static_cast<std::size_t>(format)];
  if (parser == nullptr) parser = std::make_unique<FormatParser>(format, resolver_, salt_);
  return parser->Parse(shape, body, accept_until);
}

}  // namespace tagswell
