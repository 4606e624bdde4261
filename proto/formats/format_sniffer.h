// Whose JSON a message is, by the names of its members.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>

#include "proto/post_format.h"

namespace tagswell {

// Not thread-safe: keeps a parser's buffers.
class FormatSniffer {
 public:
  // Of one document, or of the first element of an array. Nothing where it does not show, as in a keep-alive, or where
  // the JSON is malformed. `json` has simdjson::SIMDJSON_PADDING readable bytes behind it.
  std::optional<PostFormat> FormatOf(std::string_view json);

  // Of the first line of NDJSON that shows it.
  std::optional<PostFormat> FormatOfLines(std::string_view lines);

 private:
  simdjson::ondemand::parser parser_;
};

}  // namespace tagswell
