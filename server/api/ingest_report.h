// What a batch is answered with: how many posts were accepted, were duplicates or were rejected, and why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/post_parser.h"

namespace tagswell {

struct IngestReport {
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t rejected = 0;
  std::vector<LineError> errors;

  std::string ToJson() const;
  // The same after {"ack":k, for the ingest WebSocket.
  std::string ToAck(std::uint64_t message) const;
};

}  // namespace tagswell
