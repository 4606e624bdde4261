#include "tests/bench/load/subscribe_run.h"

#include <sys/epoll.h>
#include <unistd.h>

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
  const std::string label =
      (options.label.empty() ? "" : options.label + " ") + "subscribers=" + std::to_string(options.subscribers);
  const auto deliveries = static_cast<double>(spread_ms.size());
  PrintFigure("fanout_events", label, static_cast<double>(first_seen.size()), "events");
  PrintFigure("fanout_deliveries", label, deliveries, "deliveries");
  PrintFigure("fanout_spread_p50", label, Percentile(spread_ms, 0.5), "ms");
  PrintFigure("fanout_spread_p99", label, Percentile(spread_ms, 0.99), "ms");
  if (options.pid != 0) {
    PrintFigure("fanout_memory", label, static_cast<double>(memory) / options.subscribers, "bytes/subscriber");
    // The load that makes the events is in it; run_bench.sh takes the same load without subscribers off.
    PrintFigure("fanout_server_cpu", label, static_cast<double>(cpu.count()), "ms");
  }
  close(epoll);
  return alive;
}

}  // namespace tagswell::load
