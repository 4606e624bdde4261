#include "server/client/event_stream_parser.h"

#include <utility>

namespace tagswell {

bool EventStreamParser::Feed(std::string_view bytes, const Receiver& receive) {
  while (!bytes.empty()) {
    if (std::exchange(after_return_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    line_ += bytes.substr(0, end);
    if (line_.size() + data_.size() > kEventBytesMax) return false;
    if (end == std::string_view::npos) return true;
    after_return_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    TakeLine(line_, receive);
    line_.clear();
  }
  return true;
}

void EventStreamParser::TakeLine(std::string_view line, const Receiver& receive) {
  if (line.empty()) {
    last_id_ = id_;
    if (has_data_) receive({.type = type_.empty() ? "message" : type_, .data = data_});
    type_.clear();
    data_.clear();
    has_data_ = false;
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (field == "event") {
    type_ = value;
  } else if (field == "id" && value.find('\0') == std::string_view::npos) {
    id_ = value;
  }
}

void EventStreamParser::Restart() {
  line_.clear();
  after_return_ = false;
  type_.clear();
  data_.clear();
  has_data_ = false;
  id_ = last_id_;
}

}  // namespace tagswell
