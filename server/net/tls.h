// TLS 1.2 and 1.3 with AEAD ciphers only, over an accepted socket. The certificate can be renewed without a restart.
#pragma once

#include <atomic>
#include <expected>
#include <memory>

#include "proto/error.h"
#include "server/net/server.h"
#include "server/net/transport.h"

namespace tagswell {

class TlsContext {
 public:
  // Reads certificate and key. Error: tls_failed, with the key of the configuration as field.
  static std::expected<std::unique_ptr<TlsContext>, Error> Load(const TlsOptions& options);
  ~TlsContext();

  // Reads both files again, for connections to come; at an error the old certificate stays. Any thread.
  std::expected<void, Error> Reload();

  // Any thread. The transport may outlive this.
  std::unique_ptr<Transport> MakeTransport(Socket socket) const;

 private:
  struct Settings;
  explicit TlsContext(TlsOptions options) : options_(std::move(options)) {}
  static std::expected<std::shared_ptr<Settings>, Error> Read(const TlsOptions& options);

  const TlsOptions options_;
  std::atomic<std::shared_ptr<Settings>> settings_;
};

}  // namespace tagswell
