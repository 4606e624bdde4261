#include "server/net/websocket_frames.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

#include "proto/utf8.h"
#include "server/base64.h"
#include "server/net/http.h"

namespace tagswell {
namespace {

constexpr std::size_t kCloseReasonBytesMax = 123;
constexpr std::size_t kTrustedBytes = 64 * 1024;  // reserved on a frame's word alone

bool IsControl(WebSocketOpcode opcode) {
  return static_cast<unsigned char>(opcode) >= 8;
}

// XORs the mask over `bytes`, whose first byte is number `offset` of its frame.
void Unmask(char* bytes, std::size_t size, const unsigned char (&mask)[4], std::uint64_t offset) {
  unsigned char turned[8];
  for (std::size_t i = 0; i < 8; ++i) turned[i] = mask[(offset + i) & 3];
  std::uint64_t wide;
  std::memcpy(&wide, turned, 8);
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes + i, 8);
    word ^= wide;
    std::memcpy(bytes + i, &word, 8);
  }
  for (; i < size; ++i) bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ turned[i & 7]);
}

bool IsSendableCloseCode(unsigned code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

}  // namespace

std::string WebSocketAccept(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return ToBase64({reinterpret_cast<const char*>(digest), SHA_DIGEST_LENGTH});
}

bool IsWebSocketKey(std::string_view key) {
  return key.size() == 24 && key.ends_with("==") && std::ranges::all_of(key.substr(0, 22), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
         });
}

void AppendFrameHead(WebSocketOpcode opcode, std::size_t payload_bytes, std::string& out) {
  out += static_cast<char>(0x80 | static_cast<unsigned char>(opcode));
  if (payload_bytes < 126) {
    out += static_cast<char>(payload_bytes);
    return;
  }
  const int length_bytes = payload_bytes < 65536 ? 2 : 8;
  out += static_cast<char>(length_bytes == 2 ? 126 : 127);
  for (int shift = 8 * (length_bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>((static_cast<std::uint64_t>(payload_bytes) >> shift) & 0xff);
  }
}

void AppendCloseFrame(CloseCode code, std::string_view reason, std::string& out) {
  if (code == CloseCode::kNoStatus || code == CloseCode::kAbnormal) {
    AppendFrameHead(WebSocketOpcode::kClose, 0, out);
    return;
  }
  if (reason.size() > kCloseReasonBytesMax) {
    std::size_t size = kCloseReasonBytesMax;
    while (size > 0 && (static_cast<unsigned char>(reason[size]) & 0xC0) == 0x80) --size;
    reason = reason.substr(0, size);
  }
  AppendFrameHead(WebSocketOpcode::kClose, reason.size() + 2, out);
  out += static_cast<char>(static_cast<unsigned>(code) >> 8);
  out += static_cast<char>(static_cast<unsigned>(code) & 0xff);
  out += reason;
}

WebSocketReader::WebSocketReader(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

std::string WebSocketReader::TakeMessage() {
  if (message_.capacity() < message_.size() + kBodyPaddingBytes) message_.reserve(message_.size() + kBodyPaddingBytes);
  return std::exchange(message_, std::string());
}

WebSocketReader::Event WebSocketReader::Fail(CloseCode code, const char* why) {
  failed_ = true;
  close_code_ = code;
  error_ = why;
  return Event::kError;
}

bool WebSocketReader::ReadHead(std::string_view& bytes) {
  while (true) {
    std::size_t wanted = 2;
    if (head_bytes_ >= 2) {
      const unsigned length = head_[1] & 0x7f;
      wanted += length == 126 ? 2 : length == 127 ? 8 : 0;
      wanted += (head_[1] & 0x80) ? 4 : 0;
    }
    if (head_bytes_ >= 2 && head_bytes_ == wanted) return true;
    if (bytes.empty()) return false;
    const std::size_t take = std::min(wanted - head_bytes_, bytes.size());
    std::memcpy(head_ + head_bytes_, bytes.data(), take);
    head_bytes_ += take;
    bytes.remove_prefix(take);
  }
}

WebSocketReader::Event WebSocketReader::CheckHead() {
  final_ = (head_[0] & 0x80) != 0;
  const unsigned opcode = head_[0] & 0x0f;
  if (head_[0] & 0x70) return Fail(CloseCode::kProtocolError, "reserved bits are set");
  if (!(head_[1] & 0x80)) return Fail(CloseCode::kProtocolError, "a client's frame must be masked");
  if ((opcode > 2 && opcode < 8) || opcode > 10) return Fail(CloseCode::kProtocolError, "unknown opcode");
  opcode_ = static_cast<WebSocketOpcode>(opcode);

  const unsigned length = head_[1] & 0x7f;
  const std::size_t length_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
  payload_left_ = length_bytes == 0 ? length : 0;
  for (std::size_t i = 0; i < length_bytes; ++i) payload_left_ = payload_left_ << 8 | head_[2 + i];
  std::memcpy(mask_, head_ + 2 + length_bytes, 4);
  payload_read_ = 0;
  if (payload_left_ >> 63) return Fail(CloseCode::kProtocolError, "the length has its highest bit set");

  if (IsControl(opcode_)) {
    if (!final_ || payload_left_ > kControlBytesMax) return Fail(CloseCode::kProtocolError, "a bad control frame");
    control_.clear();
    return Event::kNeedMore;
  }
  if ((opcode_ == WebSocketOpcode::kContinuation) != in_message_) {
    return Fail(CloseCode::kProtocolError, in_message_ ? "a new message inside another" : "nothing to continue");
  }
  if (!in_message_) text_ = opcode_ == WebSocketOpcode::kText;
  if (payload_left_ > message_bytes_max_ - message_.size()) return Fail(CloseCode::kTooBig, "the message is too large");
  if (message_.empty()) {
    message_.reserve(std::min<std::size_t>(static_cast<std::size_t>(payload_left_), kTrustedBytes) + kBodyPaddingBytes);
  }
  return Event::kNeedMore;
}

WebSocketReader::Event WebSocketReader::Next(std::string_view& bytes) {
  while (true) {
    if (failed_) return Event::kError;
    if (!in_payload_) {
      if (!ReadHead(bytes)) return Event::kNeedMore;
      head_bytes_ = 0;
      if (CheckHead() == Event::kError) return Event::kError;
      in_payload_ = true;
    }
    std::string& into = IsControl(opcode_) ? control_ : message_;
    const std::size_t take = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size()));
    const std::size_t old_size = into.size();
    into.append(bytes.substr(0, take));
    Unmask(into.data() + old_size, take, mask_, payload_read_);
    bytes.remove_prefix(take);
    payload_read_ += take;
    payload_left_ -= take;
    if (payload_left_ > 0) return Event::kNeedMore;
    in_payload_ = false;
    if (const Event event = EndOfFrame(); event != Event::kNeedMore) return event;
  }
}

WebSocketReader::Event WebSocketReader::EndOfFrame() {
  switch (opcode_) {
    case WebSocketOpcode::kPing:
      return Event::kPing;
    case WebSocketOpcode::kPong:
      return Event::kPong;
    case WebSocketOpcode::kClose:
      return EndOfClose();
    default:
      break;
  }
  in_message_ = !final_;
  return final_ ? EndOfMessage() : Event::kNeedMore;
}

WebSocketReader::Event WebSocketReader::EndOfMessage() {
  if (text_ && !IsValidUtf8(message_)) return Fail(CloseCode::kInvalidPayload, "a text message must be UTF-8");
  return Event::kMessage;
}

WebSocketReader::Event WebSocketReader::EndOfClose() {
  close_code_ = CloseCode::kNoStatus;
  if (control_.empty()) return Event::kClose;
  if (control_.size() == 1) return Fail(CloseCode::kProtocolError, "a close code needs two bytes");
  const unsigned code =
      static_cast<unsigned>(static_cast<unsigned char>(control_[0])) << 8 | static_cast<unsigned char>(control_[1]);
  if (!IsSendableCloseCode(code)) return Fail(CloseCode::kProtocolError, "a close code that must not be sent");
  if (!IsValidUtf8(std::string_view(control_).substr(2))) {
    return Fail(CloseCode::kInvalidPayload, "a close reason must be UTF-8");
  }
  close_code_ = static_cast<CloseCode>(code);
  return Event::kClose;
}

}  // namespace tagswell
