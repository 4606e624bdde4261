#include "tests/bench/load/subscribe_run.h"

#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/bench/load/connection.h"
#include "tests/bench/load/report.h"

namespace tagswell::load {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t SequenceOf(std::string_view event) {
  constexpr std::string_view kKey = "\"seq\":";
  const std::size_t at = event.find(kKey);
  return at == std::string_view::npos ? 0 : std::strtoull(event.data() + at + kKey.size(), nullptr, 10);
}

constexpr int kStoppedReceiveBytes = 4096;
constexpr std::string_view kTryAgainLater = "\x03\xf5";  // 1013

struct StoppedFigures {
  std::uint32_t told = 0;  // closed with 1013
  std::uint64_t bytes_max = 0;
};

// Reads all that was sent to a peer that has not read. What it can still be told waits for it, so nothing is waited for
// long.
void ReadToTheEnd(Connection& peer, StoppedFigures& figures) {
  std::uint64_t bytes = 0;
  bool open = true;
  while (open) {
    pollfd waiting = {.fd = peer.fd(), .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, 2000) <= 0) break;
    open = peer.Fill();
    while (const auto frame = peer.NextFrame()) {
      bytes += frame->payload.size();
      if (frame->kind == Frame::Kind::kClose) {
        figures.told += frame->payload.starts_with(kTryAgainLater);
        open = false;
      }
    }
  }
  figures.bytes_max = std::max(figures.bytes_max, bytes);
}

}  // namespace

bool RunSubscribe(const SubscribeOptions& options) {
  const int epoll = epoll_create1(0);
  const auto memory_before = ResidentBytes(options.pid);
  std::vector<Connection> peers;
  peers.reserve(options.subscribers);
  for (std::uint32_t i = 0; i < options.subscribers; ++i) {
    peers.emplace_back(options.port);
    peers.back().Upgrade("/v1/events");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = i;
    epoll_ctl(epoll, EPOLL_CTL_ADD, peers.back().fd(), &event);
  }
  std::vector<Connection> stopped;
  stopped.reserve(options.stopped);
  for (std::uint32_t i = 0; i < options.stopped; ++i) {
    stopped.emplace_back(options.port, kStoppedReceiveBytes);
    stopped.back().Upgrade("/v1/events");
  }
  const auto memory = ResidentBytes(options.pid) - memory_before;
  std::fprintf(stderr, "ready\n");

  const auto cpu_before = CpuOf(options.pid);
  const auto end = Clock::now() + options.seconds;
  std::unordered_map<std::uint64_t, Clock::time_point> first_seen;
  std::vector<double> spread_ms;
  bool alive = true;
  while (alive && Clock::now() < end) {
    std::array<epoll_event, 512> events;
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 50);
    for (int i = 0; i < count; ++i) {
      Connection& peer = peers[events[static_cast<std::size_t>(i)].data.u32];
      alive = peer.Fill() && alive;
      const auto now = Clock::now();
      while (const auto frame = peer.NextFrame()) {
        if (frame->kind == Frame::Kind::kPing) {
          AppendPong(frame->payload, peer.out());
          peer.Flush();
        }
        if (frame->kind != Frame::Kind::kData || frame->payload.find("\"hello\"") != std::string_view::npos) continue;
        const auto first = first_seen.try_emplace(SequenceOf(frame->payload), now).first->second;
        spread_ms.push_back(std::chrono::duration<double, std::milli>(now - first).count());
      }
    }
  }
  const auto cpu = CpuOf(options.pid) - cpu_before;
  const std::string label = (options.label.empty() ? "" : options.label + " ") +
                            "subscribers=" + std::to_string(options.subscribers) +
                            (options.stopped > 0 ? " stopped=" + std::to_string(options.stopped) : "");
  const auto deliveries = static_cast<double>(spread_ms.size());
  PrintFigure("fanout_events", label, static_cast<double>(first_seen.size()), "events");
  PrintFigure("fanout_deliveries", label, deliveries, "deliveries");
  PrintFigure("fanout_spread_p50", label, Percentile(spread_ms, 0.5), "ms");
  PrintFigure("fanout_spread_p99", label, Percentile(spread_ms, 0.99), "ms");
  if (options.stopped > 0) {
    StoppedFigures figures;
    for (Connection& peer : stopped) ReadToTheEnd(peer, figures);
    PrintFigure("fanout_stopped_told", label, figures.told, "subscribers");
    PrintFigure("fanout_stopped_bytes_max", label, static_cast<double>(figures.bytes_max), "bytes");
  }
  if (options.pid != 0) {
    PrintFigure("fanout_memory", label, static_cast<double>(memory) / (options.subscribers + options.stopped),
                "bytes/subscriber");
    // The load that makes the events is in it; run_bench.sh takes the same load without subscribers off.
    PrintFigure("fanout_server_cpu", label, static_cast<double>(cpu.count()), "ms");
  }
  close(epoll);
  return alive;
}

}  // namespace tagswell::load
