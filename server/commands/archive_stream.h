// The bytes of one archive: a file or standard input, plain, gzip or zstd. What it is shows in its first bytes, never
// in its name. Members and frames that follow one another are one stream. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "proto/error.h"

namespace tagswell {

class ArchiveStream {
 public:
  // "-" is standard input. Error: unreadable_archive.
  static std::expected<ArchiveStream, Error> Open(const std::string& path);
  ArchiveStream(ArchiveStream&&) noexcept;
  ArchiveStream& operator=(ArchiveStream&&) noexcept;
  ~ArchiveStream();

  // Fills `room` from its front and says how far: 0 is the end. Waits for a pipe.
  // Errors: unreadable_archive, malformed_archive, truncated_archive, interrupted (a signal came while it waited).
  std::expected<std::size_t, Error> Read(std::span<char> room);

  // Whether a Read would give something, or the end, within `patience`. Always for files.
  bool Ready(std::chrono::milliseconds patience) const;

  std::uint64_t bytes_read() const;           // as they lie in the file, compressed
  std::optional<std::uint64_t> size() const;  // the same measure; nothing for pipes

 private:
  struct State;
  explicit ArchiveStream(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
