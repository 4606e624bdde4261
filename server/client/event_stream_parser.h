// Server-Sent Events (the WHATWG HTML standard, "Parsing an event stream"), piece by piece as they come.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace tagswell {

struct ServerSentEvent {
  std::string type;  // "message" unless named
  std::string data;  // lines joined by newlines
};

class EventStreamParser {
 public:
  using Receiver = std::function<void(const ServerSentEvent&)>;

  // Hands every event that `bytes` completes to `receive`. False: an event is larger than kEventBytesMax, and the
  // stream is of no further use.
  bool Feed(std::string_view bytes, const Receiver& receive);

  // A new connection begins; what was half received is dropped, the last id stays.
  void Restart();

  // Of the last complete event that had one: what Last-Event-ID resumes from. Empty: none yet.
  const std::string& last_id() const { return last_id_; }

  static constexpr std::size_t kEventBytesMax = 4u << 20;

 private:
  void TakeLine(std::string_view line, const Receiver& receive);

  std::string line_;
  bool after_return_ = false;  // the last byte was '\r': a '\n' that follows belongs to it
  std::string type_;
  std::string data_;
  bool has_data_ = false;
  std::string id_;
  std::string last_id_;
};

}  // namespace tagswell
