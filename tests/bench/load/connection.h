// One non-blocking connection to the server under load: HTTP/1.1 or, after Upgrade, WebSocket.
// Cheap by intent: no allocation a request once its buffers have grown. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tagswell::load {

struct HttpAnswer {
  int status = 0;
  std::string_view body;  // valid until the next call
};

struct Frame {
  enum class Kind : unsigned char { kData, kPing, kClose };
  Kind kind = Kind::kData;
  std::string_view payload;  // valid until the next call
};

class Connection {
 public:
  // Connects to 127.0.0.1. Ends the program with a message when nobody listens.
  // `receive_bytes`: of the socket's buffer; 0: the system's default.
  explicit Connection(std::uint16_t port, int receive_bytes = 0);
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  int fd() const { return fd_; }

  // Asks for the upgrade and waits for it. Ends the program with a message when it is refused.
  void Upgrade(std::string_view path);

  // The buffer to fill with whole requests or frames; Flush sends what the socket takes. False: the rest waits for
  // the socket to be writable.
  std::string& out() { return out_; }
  bool Flush();

  // Reads what has come. False: the peer has closed.
  bool Fill();
  std::optional<HttpAnswer> NextAnswer();  // of a keep-alive connection, with Content-Length
  std::optional<Frame> NextFrame();        // unfragmented ones, as servers send them

 private:
  void Consume(std::size_t bytes);  // frees what was given before; views given later stay valid until the next call

  int fd_;
  std::string out_;
  std::size_t sent_ = 0;
  std::string in_;
  std::size_t begin_ = 0;
};

// A frame's head for `size` bytes of text from a client. The masking key is 0, so the payload goes as it is.
void AppendFrameHead(std::size_t size, std::string& out);
void AppendPong(std::string_view payload, std::string& out);

}  // namespace tagswell::load
