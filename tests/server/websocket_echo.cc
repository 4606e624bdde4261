// A WebSocket server that sends every message back, for conformance suites: the sessions are the product's own.
// usage: websocket_echo [PORT]    without one: any free port. Says "port N" and serves /echo until its input ends.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/net/server.h"

namespace tagswell {
namespace {

// Suites send what they will and read at leisure. One that never reads is let go at this.
constexpr std::size_t kMailboxBytesMax = 64 * 1024 * 1024;

class Echo final : public WebSocketHandler {
 public:
  void OnOpen(std::shared_ptr<Mailbox> mailbox) override { mailbox_ = std::move(mailbox); }
  void OnMessage(std::string&& message, bool is_text) override {
    mailbox_->Send(std::make_shared<const std::string>(std::move(message)),
                   is_text ? FrameKind::kText : FrameKind::kBinary);
  }
  void OnClose() override {}

 private:
  std::shared_ptr<Mailbox> mailbox_;
};

std::vector<Route> Routes() {
  std::vector<Route> routes;
  routes.push_back({.method = Method::kGet,
                    .pattern = "/echo",
                    .websocket = [](const Request&) -> std::expected<std::unique_ptr<WebSocketHandler>, Response> {
                      return std::make_unique<Echo>();
                    }});
  return routes;
}

int Serve(std::uint16_t port) {
  const Access access({});
  ServerOptions options;
  options.listen.port = port;
  options.threads = 2;
  options.limits.mailbox_bytes_max = kMailboxBytesMax;
  HttpServer server(options, Routes(), access, nullptr);
  if (const auto started = server.Start(); !started) {
    std::fprintf(stderr, "websocket_echo: %s\n", started.error().detail.c_str());
    return 1;
  }
  std::printf("port %u\n", static_cast<unsigned>(server.port()));
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  server.Stop(std::chrono::seconds(1));
  return 0;
}

}  // namespace
}  // namespace tagswell

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  if (argc > 1 && std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), port).ec != std::errc()) {
    std::fprintf(stderr, "usage: %s [PORT]\n", argv[0]);
    return 2;
  }
  return tagswell::Serve(port);
}
