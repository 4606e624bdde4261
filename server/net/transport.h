// A stream of bytes to a peer: plain TCP or TLS. All calls and events on the thread of its loop.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "server/net/send_progress.h"

namespace tagswell {

// The concrete executor spares the type erasure of asio's default one.
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// `ok` false: the connection broke, the peer closed, or Close() was called.
class TransportEvents {
 public:
  virtual ~TransportEvents() = default;
  virtual void OnOpened(bool ok) = 0;
  virtual void OnReadDone(bool ok, std::size_t bytes) = 0;
  virtual void OnWriteDone(bool ok) = 0;
};

// At most one read and one write under way. An operation keeps its `events` alive until its event was delivered.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual void Open(std::shared_ptr<TransportEvents> events) = 0;  // TLS: the handshake
  virtual void Read(std::span<char> into, std::shared_ptr<TransportEvents> events) = 0;
  // The same for bytes that nobody wants: what `into` holds afterwards is not said.
  virtual void Skip(std::span<char> into, std::shared_ptr<TransportEvents> events) { Read(into, std::move(events)); }
  // As much of `first` and then `second` as goes at once, without waiting. Errors show at the next Write or Read.
  virtual std::size_t WriteNow(std::string_view first, std::string_view second) = 0;
  // All of `bytes`, which must stay until the event.
  virtual void Write(std::string_view bytes, std::shared_ptr<TransportEvents> events) = 0;
  virtual SendProgress Progress() = 0;
  virtual void ShutdownSend() = 0;
  virtual void Close() = 0;
  virtual void Abort() = 0;  // Close() that throws away what the peer has not taken, and tells it so by a reset
};

std::unique_ptr<Transport> MakeTcpTransport(Socket socket);

}  // namespace tagswell
