// What a batch is answered with: how many posts were accepted, were duplicates, were taken back, were no posts or were
// rejected, and why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/parsed_body.h"
#include "server/pipeline/pipeline.h"

namespace tagswell {

struct IngestReport {
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t retracted = 0;  // by a delete message, or replaced by an edit that counts as accepted
  std::uint64_t ignored = 0;    // no posts and no errors; deletions of what is not there are among them
  std::uint64_t rejected = 0;
  std::vector<LineError> errors;

  // What the parser says before the commit.
  static IngestReport Of(ParsedBody& parsed);
  // And what became of it.
  void Add(const Committed& done);

  std::string ToJson() const;
  // The same after {"ack":k, for the ingest WebSocket.
  std::string ToAck(std::uint64_t message) const;
};

}  // namespace tagswell
