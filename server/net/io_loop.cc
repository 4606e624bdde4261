#include "server/net/io_loop.h"

#include <boost/asio/post.hpp>
#include <vector>

#include "server/clock.h"
#include "server/net/connection.h"
#include "server/net/response_head.h"
#include "server/thread_role.h"

namespace tagswell {
namespace {

constexpr std::size_t kSinkBytes = 128 * 1024;  // stays in a core's cache

}  // namespace

IoLoop::IoLoop(ServerShared& shared)
    : shared_(shared),
      context_(1),
      work_(boost::asio::make_work_guard(context_)),
      sweep_timer_(context_),
      inbox_(std::make_shared<Inbox>(context_)),
      date_(FormatHttpDate(WallClock().Now())),
      sink_(kSinkBytes) {}

IoLoop::~IoLoop() {
  inbox_->Close();
}

void IoLoop::Start() {
  sweep_timer_.expires_after(std::chrono::seconds(1));
  ScheduleSweep();
  thread_ = std::thread([this] {
    TakeRole("io", Urgency::kAnswering);
    context_.run();
  });
}

void IoLoop::Join() {
  if (thread_.joinable()) thread_.join();
  inbox_->Close();
}

void IoLoop::ScheduleSweep() {
  sweep_timer_.async_wait([this](boost::system::error_code ec) {
    if (ec) return;
    sweep_timer_.expires_at(sweep_timer_.expiry() + std::chrono::seconds(1));
    Sweep();
    if (work_.owns_work()) ScheduleSweep();
  });
}

void IoLoop::Sweep() {
  ++tick_;
  date_ = FormatHttpDate(WallClock().Now());
  if (sweep_hook_) sweep_hook_();
  // A tick may end connections, which leave the set.
  const std::vector<std::shared_ptr<Connection>> connections(connections_.begin(), connections_.end());
  for (const std::shared_ptr<Connection>& connection : connections) connection->Tick();
}

void IoLoop::Add(std::shared_ptr<Connection> connection) {
  connections_.insert(std::move(connection));
}

void IoLoop::Remove(const std::shared_ptr<Connection>& connection) {
  connections_.erase(connection);
  EndWhenEmpty();
}

void IoLoop::EndWhenEmpty() {
  if (!draining_ || !connections_.empty()) return;
  work_.reset();
  sweep_timer_.cancel();
}

void IoLoop::Drain() {
  // A connection that is idle may have a request in the kernel, which is owed an answer: what is ready is looked at,
  // and read, behind the second post.
  boost::asio::post(context_, [this] {
    draining_ = true;
    boost::asio::post(context_, [this] { boost::asio::post(context_, [this] { DrainConnections(); }); });
  });
}

void IoLoop::DrainConnections() {
  const std::vector<std::shared_ptr<Connection>> connections(connections_.begin(), connections_.end());
  for (const std::shared_ptr<Connection>& connection : connections) connection->Drain();
  EndWhenEmpty();
}

void IoLoop::Abort() {
  boost::asio::post(context_, [this] {
    const std::vector<std::shared_ptr<Connection>> connections(connections_.begin(), connections_.end());
    for (const std::shared_ptr<Connection>& connection : connections) connection->Close();
  });
}

}  // namespace tagswell
