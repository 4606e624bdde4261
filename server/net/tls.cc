#include "server/net/tls.h"

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <utility>

namespace tagswell {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using ErrorCode = boost::system::error_code;

// Forward secrecy and authenticated encryption; those of TLS 1.3 all are.
constexpr const char* kCiphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20";

std::unexpected<Error> Failed(const std::string& what, const ErrorCode& why, std::string field) {
  return std::unexpected(Error{"tls_failed", what + ": " + why.message(), std::move(field)});
}

}  // namespace

struct TlsContext::Settings {
  ssl::context context{ssl::context::tls_server};
};

namespace {

class TlsTransport final : public Transport {
 public:
  TlsTransport(Socket socket, std::shared_ptr<ssl::context> context)
      : stream_(std::make_shared<Stream>(std::move(socket), std::move(context))) {}

  void Open(std::shared_ptr<TransportEvents> events) override {
    stream_->tls.async_handshake(ssl::stream_base::server, [stream = stream_, events = std::move(events)](
                                                               ErrorCode ec) { events->OnOpened(!ec); });
  }

  void Read(std::span<char> into, std::shared_ptr<TransportEvents> events) override {
    stream_->tls.async_read_some(asio::buffer(into.data(), into.size()),
                                 [stream = stream_, events = std::move(events)](ErrorCode ec, std::size_t bytes) {
                                   events->OnReadDone(!ec, bytes);
                                 });
  }

  // Records are made by the write that waits.
  std::size_t WriteNow(std::string_view, std::string_view) override { return 0; }

  void Write(std::string_view bytes, std::shared_ptr<TransportEvents> events) override {
    asio::async_write(
        stream_->tls, asio::buffer(bytes.data(), bytes.size()),
        [stream = stream_, events = std::move(events)](ErrorCode ec, std::size_t) { events->OnWriteDone(!ec); });
  }

  SendProgress Progress() override { return ProgressOf(stream_->tls.lowest_layer().native_handle()); }

  // Without a close_notify: asio's shutdown also waits for the peer's, and fails for good on what a peer that is still
  // sending has on its way. Every answer says its length or is chunked, and a WebSocket has a closing frame: nobody
  // takes a cut for an end.
  void ShutdownSend() override {
    ErrorCode ignored;
    stream_->tls.lowest_layer().shutdown(Socket::shutdown_send, ignored);
  }

  void Close() override {
    ErrorCode ignored;
    stream_->tls.lowest_layer().close(ignored);
  }

  void Abort() override {
    ErrorCode ignored;
    stream_->tls.lowest_layer().set_option(asio::socket_base::linger(true, 0), ignored);
    Close();
  }

 private:
  // Kept by every operation: a handshake may end after the transport.
  struct Stream {
    Stream(Socket socket, std::shared_ptr<ssl::context> settings)
        : context(std::move(settings)), tls(std::move(socket), *context) {}
    const std::shared_ptr<ssl::context> context;
    ssl::stream<Socket> tls;
  };
  const std::shared_ptr<Stream> stream_;
};

}  // namespace

TlsContext::~TlsContext() = default;

std::expected<std::shared_ptr<TlsContext::Settings>, Error> TlsContext::Read(const TlsOptions& options) {
  auto settings = std::make_shared<Settings>();
  ssl::context& context = settings->context;
  SSL_CTX* const native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(native, kCiphers12);
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  ErrorCode ec;
  context.use_certificate_chain_file(options.certificate_file, ec);
  if (ec) return Failed("cannot use the certificate " + options.certificate_file, ec, "tls_certificate");
  context.use_private_key_file(options.key_file, ssl::context::pem, ec);
  if (ec) return Failed("cannot use the key " + options.key_file, ec, "tls_key");
  if (SSL_CTX_check_private_key(native) != 1) {
    return std::unexpected(Error{"tls_failed", "the key is not the one of the certificate", "tls_key"});
  }
  return settings;
}

std::expected<std::unique_ptr<TlsContext>, Error> TlsContext::Load(const TlsOptions& options) {
  std::unique_ptr<TlsContext> context(new TlsContext(options));
  if (auto loaded = context->Reload(); !loaded) return std::unexpected(loaded.error());
  return context;
}

std::expected<void, Error> TlsContext::Reload() {
  auto read = Read(options_);
  if (!read) return std::unexpected(read.error());
  settings_.store(std::move(*read));
  return {};
}

std::unique_ptr<Transport> TlsContext::MakeTransport(Socket socket) const {
  const std::shared_ptr<Settings> settings = settings_.load();
  return std::make_unique<TlsTransport>(std::move(socket), std::shared_ptr<ssl::context>(settings, &settings->context));
}

}  // namespace tagswell
