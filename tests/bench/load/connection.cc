#include "tests/bench/load/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace tagswell::load {
namespace {

[[noreturn]] void Die(const std::string& message) {
  std::fprintf(stderr, "tagswell_load: %s\n", message.c_str());
  std::exit(1);
}

// Of an answer's head, whatever the case of its letters; 0 when it has none.
std::size_t ContentLength(std::string_view head) {
  constexpr std::string_view kName = "\r\ncontent-length:";
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  const auto found = std::ranges::search(head, kName, same);
  return found.empty() ? 0 : std::strtoull(&*found.end(), nullptr, 10);
}

void AppendHead(unsigned char first, std::size_t size, std::string& out) {
  out += static_cast<char>(first);
  if (size < 126) {
    out += static_cast<char>(0x80U | size);
  } else if (size < 65'536) {
    out += static_cast<char>(0x80U | 126U);
    out += static_cast<char>(size >> 8U);
    out += static_cast<char>(size & 0xFFU);
  } else {
    out += static_cast<char>(0x80U | 127U);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((size >> shift) & 0xFFU);
  }
  out.append(4, '\0');
}

}  // namespace

Connection::Connection(std::uint16_t port, int receive_bytes) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_bytes > 0) setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    Die("nobody listens on port " + std::to_string(port));
  }
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd_, F_SETFL, O_NONBLOCK);
}

Connection::Connection(Connection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      out_(std::move(other.out_)),
      sent_(other.sent_),
      in_(std::move(other.in_)),
      begin_(other.begin_) {}

Connection::~Connection() {
  if (fd_ >= 0) close(fd_);
}

void Connection::Upgrade(std::string_view path) {
  out_ += "GET ";
  out_ += path;
  out_ +=
      " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  Flush();
  while (true) {
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    poll(&waiting, 1, 10'000);
    if (!Fill()) Die("the server closed instead of upgrading");
    const std::string_view seen(in_);
    const std::size_t end = seen.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      if (waiting.revents == 0) Die("no answer to the upgrade");
      continue;
    }
    if (!seen.starts_with("HTTP/1.1 101")) Die("upgrade refused: " + in_.substr(0, 200));
    begin_ = end + 4;
    return;
  }
}

bool Connection::Flush() {
  while (sent_ < out_.size()) {
    const ssize_t took = send(fd_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (took <= 0) return false;
    sent_ += static_cast<std::size_t>(took);
  }
  out_.clear();
  sent_ = 0;
  return true;
}

void Connection::Consume(std::size_t bytes) {
  begin_ += bytes;
}

bool Connection::Fill() {
  if (begin_ > 0) {
    in_.erase(0, begin_);
    begin_ = 0;
  }
  while (true) {
    constexpr std::size_t kReadBytes = 64 * 1024;
    const std::size_t size = in_.size();
    in_.resize(size + kReadBytes);
    const ssize_t got = recv(fd_, in_.data() + size, kReadBytes, 0);
    in_.resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (static_cast<std::size_t>(got) < kReadBytes) return true;
  }
}

std::optional<HttpAnswer> Connection::NextAnswer() {
  const std::string_view seen = std::string_view(in_).substr(begin_);
  const std::size_t end = seen.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::size_t length = ContentLength(seen.substr(0, end + 2));
  if (seen.size() < end + 4 + length) return std::nullopt;
  const HttpAnswer answer{.status = std::atoi(seen.data() + 9), .body = seen.substr(end + 4, length)};
  Consume(end + 4 + length);
  return answer;
}

std::optional<Frame> Connection::NextFrame() {
  const std::string_view seen = std::string_view(in_).substr(begin_);
  if (seen.size() < 2) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(seen[i]); };
  std::size_t size = byte(1) & 0x7FU;
  std::size_t head = 2;
  if (size >= 126) {
    const std::size_t wide = size == 126 ? 2 : 8;
    if (seen.size() < head + wide) return std::nullopt;
    size = 0;
    for (std::size_t i = 0; i < wide; ++i) size = size << 8U | byte(head + i);
    head += wide;
  }
  if (seen.size() < head + size) return std::nullopt;
  Frame frame;
  const unsigned opcode = byte(0) & 0x0FU;
  frame.kind = opcode == 8 ? Frame::Kind::kClose : opcode == 9 ? Frame::Kind::kPing : Frame::Kind::kData;
  frame.payload = seen.substr(head, size);
  Consume(head + size);
  return frame;
}

void AppendFrameHead(std::size_t size, std::string& out) {
  AppendHead(0x81, size, out);
}

void AppendPong(std::string_view payload, std::string& out) {
  AppendHead(0x8A, payload.size(), out);
  out += payload;
}

}  // namespace tagswell::load
