// A server on a free port with routes that tests need, and handles on what they did.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/net/server.h"

namespace tagswell {

// What happened on the server, for a test's thread to wait for.
class Events {
 public:
  void Add(std::string event);
  bool WaitFor(const std::string& event);  // false after 20 s
  std::vector<std::string> All() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> events_;
};

class TestServer {
 public:
  explicit TestServer(ServerOptions options = {}, std::vector<Token> tokens = {});
  ~TestServer() { server_.Stop(std::chrono::seconds(5)); }

  std::uint16_t port() const { return server_.port(); }
  HttpServer& server() { return server_; }
  Events& events() { return *events_; }
  std::shared_ptr<Mailbox> WaitForMailbox(std::size_t index = 0);  // of the index-th subscriber
  Reply TakePendingReply();                                        // of a request to /later

 private:
  struct Shared;
  std::vector<Route> Routes();

  std::shared_ptr<Events> events_ = std::make_shared<Events>();
  std::shared_ptr<Shared> shared_;
  Access access_;
  HttpServer server_;
};

}  // namespace tagswell
