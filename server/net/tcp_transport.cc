#include <sys/socket.h>
#include <sys/uio.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "server/net/transport.h"

namespace tagswell {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

class TcpTransport final : public Transport {
 public:
  explicit TcpTransport(Socket socket) : socket_(std::move(socket)) {}

  void Open(std::shared_ptr<TransportEvents> events) override { events->OnOpened(true); }

  void Read(std::span<char> into, std::shared_ptr<TransportEvents> events) override {
    socket_.async_read_some(
        asio::buffer(into.data(), into.size()),
        [events = std::move(events)](ErrorCode ec, std::size_t bytes) { events->OnReadDone(!ec, bytes); });
  }

  // Linux throws them away without copying (tcp(7), MSG_TRUNC).
  void Skip(std::span<char> into, std::shared_ptr<TransportEvents> events) override {
    socket_.async_receive(
        asio::buffer(into.data(), into.size()), MSG_TRUNC,
        [events = std::move(events)](ErrorCode ec, std::size_t bytes) { events->OnReadDone(!ec, bytes); });
  }

  std::size_t WriteNow(std::string_view first, std::string_view second) override {
    iovec pieces[2] = {{const_cast<char*>(first.data()), first.size()},
                       {const_cast<char*>(second.data()), second.size()}};
    msghdr message = {};
    message.msg_iov = pieces;
    message.msg_iovlen = second.empty() ? 1 : 2;
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }

  void Write(std::string_view bytes, std::shared_ptr<TransportEvents> events) override {
    asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()),
                      [events = std::move(events)](ErrorCode ec, std::size_t) { events->OnWriteDone(!ec); });
  }

  SendProgress Progress() override { return ProgressOf(socket_.native_handle()); }

  void ShutdownSend() override {
    ErrorCode ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

  void Close() override {
    ErrorCode ignored;
    socket_.close(ignored);
  }

  void Abort() override {
    ErrorCode ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    Close();
  }

 private:
  Socket socket_;
};

}  // namespace

std::unique_ptr<Transport> MakeTcpTransport(Socket socket) {
  return std::make_unique<TcpTransport>(std::move(socket));
}

}  // namespace tagswell
