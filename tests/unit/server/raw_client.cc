#include "tests/unit/server/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace tagswell {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

}  // namespace

std::string RawResponse::Header(std::string_view name) const {
  const std::string wanted = "\r\n" + Lower(name) + ": ";
  const std::size_t at = Lower(head).find(wanted);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + wanted.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

int RawFrame::CloseCode() const {
  if (payload.size() < 2) return 0;
  return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
}

RawClient::RawClient(std::uint16_t port) {
  fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd_);
    fd_ = -1;
    return;
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval patience = {20, 0};  // a test that hangs should fail, not hang
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::ShutdownSend() {
  ::shutdown(fd_, SHUT_WR);
}

void RawClient::SetReceiveBuffer(int bytes) {
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

bool RawClient::Fill() {
  char bytes[16384];
  const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::string RawClient::ReceiveAll() {
  while (Fill()) {
  }
  return std::exchange(buffer_, std::string());
}

bool RawClient::AtEnd() {
  return buffer_.empty() && !Fill();
}

bool RawClient::PeerLeft(std::chrono::milliseconds within) {
  pollfd waiting = {fd_, POLLRDHUP, 0};
  return ::poll(&waiting, 1, static_cast<int>(within.count())) > 0;
}

RawResponse RawClient::Receive(bool head_only) {
  RawResponse response;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return response;
  }
  response.head = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  const int status = std::atoi(response.head.c_str() + 9);
  const std::string length = response.Header("Content-Length");
  const std::size_t wanted = head_only || length.empty() ? 0 : std::stoul(length);
  while (buffer_.size() < wanted) {
    if (!Fill()) return response;
  }
  response.body = buffer_.substr(0, wanted);
  buffer_.erase(0, wanted);
  response.status = status;
  return response;
}

RawResponse RawClient::Get(const std::string& target, const std::string& headers) {
  Send("GET " + target + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n");
  return Receive();
}

RawResponse RawClient::Post(const std::string& target, const std::string& body, const std::string& headers) {
  Send("POST " + target + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
       headers + "\r\n" + body);
  return Receive();
}

RawResponse RawClient::Upgrade(const std::string& target, const std::string& headers) {
  return Get(target,
             "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                 headers);
}

bool RawClient::SendFrame(int opcode, std::string_view payload, bool fin, bool mask) {
  std::string frame(1, static_cast<char>((fin ? 0x80 : 0) | opcode));
  const char masked = mask ? static_cast<char>(0x80) : '\0';
  if (payload.size() < 126) {
    frame += static_cast<char>(masked | static_cast<char>(payload.size()));
  } else {
    const int bytes = payload.size() < 65536 ? 2 : 8;
    frame += static_cast<char>(masked | (bytes == 2 ? 126 : 127));
    for (int i = bytes - 1; i >= 0; --i) frame += static_cast<char>((payload.size() >> (8 * i)) & 0xff);
  }
  const unsigned char key[4] = {0x12, 0xA4, 0x00, 0x7F};
  if (mask) frame.append(reinterpret_cast<const char*>(key), 4);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += mask ? static_cast<char>(payload[i] ^ static_cast<char>(key[i % 4])) : payload[i];
  }
  return Send(frame);
}

RawFrame RawClient::ReceiveFrame() {
  RawFrame frame;
  const auto need = [this](std::size_t bytes) {
    while (buffer_.size() < bytes) {
      if (!Fill()) return false;
    }
    return true;
  };
  if (!need(2)) return frame;
  std::size_t size = static_cast<unsigned char>(buffer_[1]);
  std::size_t head = 2;
  if (size >= 126) {
    const std::size_t bytes = size == 126 ? 2 : 8;
    head += bytes;
    if (!need(head)) return frame;
    size = 0;
    for (std::size_t i = 0; i < bytes; ++i) size = size << 8 | static_cast<unsigned char>(buffer_[2 + i]);
  }
  if (!need(head + size)) return frame;
  frame.opcode = buffer_[0] & 0x0f;
  frame.payload = buffer_.substr(head, size);
  buffer_.erase(0, head + size);
  return frame;
}

RawFrame RawClient::ReceiveData() {
  while (true) {
    RawFrame frame = ReceiveFrame();
    if (frame.opcode != 9 && frame.opcode != 10) return frame;
  }
}

}  // namespace tagswell
