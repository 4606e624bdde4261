// An archive as chunks of whole lines, or of whole records of protobuf, ready for the post parser. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "server/commands/archive_pieces.h"
#include "server/commands/archive_stream.h"

namespace tagswell {

struct ArchiveChunk {
  std::string_view lines;        // or records. Whole; the archive's last line may lack its newline. Empty: the end
  std::uint64_t first_line = 1;  // its number in the archive
};

struct ArchiveReaderOptions {
  std::size_t chunk_bytes_max = 4u << 20;  // a chunk ends with the line that reaches it
  std::size_t line_bytes_max = 16u << 20;  // a longer line is no post
  std::optional<Pieces> pieces = {};       // nothing: as the first bytes say
};

class ArchiveReader {
 public:
  // "-" is standard input. Error: unreadable_archive.
  static std::expected<ArchiveReader, Error> Open(const std::string& path, ArchiveReaderOptions options = {});

  // Up to `lines_max` (> 0) lines, valid until the next call, with kPadding readable bytes behind them. A pipe that
  // pauses gives what it has. Errors: those of ArchiveStream::Read, once the whole lines before it were given;
  // line_too_long; of records malformed_archive, truncated_archive.
  std::expected<ArchiveChunk, Error> Next(std::size_t lines_max);

  // What it is cut into. After the first Next().
  Pieces pieces() const { return *pieces_; }

  // Of the compressed bytes, 0..1; nothing when the size is unknown.
  std::optional<double> progress() const;

  static constexpr std::size_t kPadding = 64;

 private:
  ArchiveReader(ArchiveStream stream, ArchiveReaderOptions options);
  ArchiveChunk Cut(std::size_t end, std::uint64_t lines);
  std::expected<void, Error> ReadMore();
  void FindPieces();

  ArchiveStream stream_;
  ArchiveReaderOptions options_;
  std::optional<Pieces> pieces_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of what was not given yet
  std::size_t end_ = 0;
  std::uint64_t next_line_ = 1;
  bool ended_ = false;
  std::optional<Error> error_;  // to be told when the lines before it are out
};

}  // namespace tagswell
