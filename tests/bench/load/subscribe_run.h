// Holds many WebSocket subscribers of /v1/events and measures how the server serves them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tagswell::load {

struct SubscribeOptions {
  std::uint16_t port = 8080;
  int pid = 0;
  std::uint32_t subscribers = 1000;
  std::uint32_t stopped = 0;  // besides: these read nothing until the time is over
  std::chrono::seconds seconds{10};
  std::string label;
};

// Prints "ready" on standard error once all are connected. Then, for the given time, counts deliveries; their latency
// is the time from the first subscriber's receipt of an event to each other's. Those that stopped are read to their end
// then: how many were closed with 1013, and the most bytes that one got. False when the server broke off one that
// reads.
bool RunSubscribe(const SubscribeOptions& options);

}  // namespace tagswell::load
