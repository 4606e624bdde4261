// Whose JSON a message is, by the names of its members; and whether it stands in a CloudEvent.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>

#include "proto/post_form.h"

namespace tagswell {

// Not thread-safe: keeps a parser's buffers.
class FormatSniffer {
 public:
  // Of one document, or of the first element of an array, as of lines: kNdjson, or kCloudEventLines with the format of
  // the event's data. Nothing where it does not show, as in a keep-alive, or where the JSON is malformed. `json` has
  // simdjson::SIMDJSON_PADDING readable bytes behind it.
  std::optional<PostForm> FormOf(std::string_view json);

  // Of the first line of NDJSON that shows it.
  std::optional<PostForm> FormOfLines(std::string_view lines);

 private:
  // What the names of a message's members show.
  struct Sight {
    unsigned seen = 0;
    std::string_view data;  // the JSON of an object "data"
  };
  std::optional<Sight> Look(std::string_view json);

  simdjson::ondemand::parser parser_;
};

}  // namespace tagswell
