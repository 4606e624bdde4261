#pragma once

#include <string>

#include "trend/engine.h"
#include "trend/state_io.h"

namespace tagswell {

// What `put(StateWriter&)` writes.
template <class Put>
std::string Written(Put put) {
  std::string bytes;
  const StateSink sink = [&](const std::string& piece) { bytes += piece; };
  StateWriter out(sink);
  put(out);
  out.Finish();
  return bytes;
}

template <class Part>
std::string Saved(const Part& part) {
  return Written([&](StateWriter& out) { part.Save(out); });
}

inline std::string Saved(const Engine& engine) {
  std::string bytes;
  engine.Save([&](const std::string& piece) { bytes += piece; });
  return bytes;
}

}  // namespace tagswell
