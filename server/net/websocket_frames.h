// RFC 6455 framing, the server's side: reads what clients send, heads what we send. Knows no socket, no extensions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/net/mailbox.h"

namespace tagswell {

enum class WebSocketOpcode : unsigned char {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

// The answer to Sec-WebSocket-Key. Precondition: IsWebSocketKey(key).
std::string WebSocketAccept(std::string_view key);
bool IsWebSocketKey(std::string_view key);  // base64 of 16 bytes

// Appends the head of an unfragmented, unmasked frame: 2, 4 or 10 bytes.
void AppendFrameHead(WebSocketOpcode opcode, std::size_t payload_bytes, std::string& out);
// Appends a whole close frame; the reason is cut to 123 bytes at a character's boundary. kNoStatus: no payload.
void AppendCloseFrame(CloseCode code, std::string_view reason, std::string& out);

// One per connection; one thread.
class WebSocketReader {
 public:
  enum class Event : unsigned char {
    kNeedMore,
    kMessage,  // a whole one: TakeMessage()
    kPing,     // control_payload()
    kPong,
    kClose,  // close_code(): kNoStatus when it held none
    kError,  // close_code() and error() say why; nothing can be read any more
  };

  explicit WebSocketReader(std::size_t message_bytes_max);

  // Takes bytes from the front of `bytes` until an event or their end.
  Event Next(std::string_view& bytes);

  bool message_is_text() const { return text_; }
  // capacity() >= size() + kBodyPaddingBytes; text is valid UTF-8.
  std::string TakeMessage();
  std::string_view control_payload() const { return control_; }
  CloseCode close_code() const { return close_code_; }
  const char* error() const { return error_; }

 private:
  static constexpr std::size_t kHeadBytesMax = 14;
  static constexpr std::size_t kControlBytesMax = 125;

  Event Fail(CloseCode code, const char* why);
  bool ReadHead(std::string_view& bytes);  // true: the head is whole
  Event CheckHead();
  Event EndOfFrame();
  Event EndOfMessage();
  Event EndOfClose();

  const std::size_t message_bytes_max_;
  unsigned char head_[kHeadBytesMax] = {};
  std::size_t head_bytes_ = 0;
  bool in_payload_ = false;
  bool failed_ = false;
  WebSocketOpcode opcode_ = WebSocketOpcode::kContinuation;  // of the current frame
  bool final_ = false;
  std::uint64_t payload_left_ = 0;
  std::uint64_t payload_read_ = 0;
  unsigned char mask_[4] = {};
  bool in_message_ = false;  // a data frame without FIN came
  bool text_ = false;
  std::string message_;
  std::string control_;
  CloseCode close_code_ = CloseCode::kNoStatus;
  const char* error_ = "";
};

}  // namespace tagswell
