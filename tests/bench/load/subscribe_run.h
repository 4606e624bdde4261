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
  std::chrono::seconds seconds{10};
  std::string label;
};

// Prints "ready" on standard error once all are connected. Then, for the given time, counts deliveries; their latency
// is the time from the first subscriber's receipt of an event to each other's. False when the server broke off one.
bool RunSubscribe(const SubscribeOptions& options);

}  // namespace tagswell::load
