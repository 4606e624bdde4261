// Sends posts over HTTP or WebSocket, as fast as they are taken or at a given rate, and tells what the server made of
// it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tagswell::load {

enum class Mode : unsigned char { kHttpNdjson, kHttpSingle, kWebSocket };

struct IngestOptions {
  Mode mode = Mode::kHttpNdjson;
  std::uint16_t port = 8080;
  int pid = 0;  // of the server; 0: its CPU is not told
  std::uint32_t connections = 8;
  std::uint32_t batch = 1000;  // posts a request or frame
  std::uint32_t window = 8;    // frames under way a WebSocket
  double rate = 0;             // posts a second over all connections; 0: flat out
  std::chrono::seconds seconds{10};
  bool synthetic_time = false;  // event time runs from 2024-01-01 at `synthetic_rate` posts a second
  double synthetic_rate = 6'000;
  std::uint32_t tags = 50'000;
  std::uint32_t authors = 1'000'000;
  std::uint64_t seed = 1;
  std::string label;
};

// Prints posts/s, acknowledgement latency p50 and p99 (at a rate: from the moment the batch was due), refusals with
// theirs (from sending on), and server CPU a post. False when the server broke off.
bool RunIngest(const IngestOptions& options);

}  // namespace tagswell::load
