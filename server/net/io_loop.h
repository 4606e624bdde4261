// One network thread: its loop, its connections, and the sweep that keeps all their times.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "server/net/inbox.h"
#include "server/net/server.h"

namespace tagswell {

class Connection;

// What all loops of a server share. Outlives them; immutable but for the counter.
struct ServerShared {
  const ServerOptions& options;
  const Access& access;
  ServerObserver* observer;  // may be null
  std::atomic<std::size_t> connections = 0;
};

class IoLoop {
 public:
  explicit IoLoop(ServerShared& shared);
  ~IoLoop();

  void Start();  // the thread
  void Join();   // returns when every connection has ended after Drain()

  // --- any thread ---
  boost::asio::io_context& context() { return context_; }
  void Drain();  // lets go of all connections in order
  void Abort();  // cuts those that are left

  // --- its own thread ---
  void Add(std::shared_ptr<Connection> connection);
  void Remove(const std::shared_ptr<Connection>& connection);
  std::uint64_t tick() const { return tick_; }  // seconds since the start, counted by sweeps
  std::uint64_t TickIn(std::chrono::seconds time) const { return tick_ + static_cast<std::uint64_t>(time.count()) + 1; }
  const std::string& date() const { return date_; }  // of the Date header
  std::string& scratch() { return scratch_; }        // empty between events; its memory serves every connection
  std::span<char> sink() { return sink_; }           // for bytes that nobody wants
  bool draining() const { return draining_; }
  ServerShared& shared() { return shared_; }
  const std::shared_ptr<Inbox>& inbox() const { return inbox_; }
  void OnSweep(std::function<void()> hook) { sweep_hook_ = std::move(hook); }  // before Start

 private:
  void ScheduleSweep();
  void Sweep();
  void DrainConnections();
  void EndWhenEmpty();

  ServerShared& shared_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer sweep_timer_;
  const std::shared_ptr<Inbox> inbox_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::function<void()> sweep_hook_;
  std::uint64_t tick_ = 1;
  std::string date_;
  std::string scratch_;
  std::vector<char> sink_;
  bool draining_ = false;
  std::thread thread_;
};

}  // namespace tagswell
