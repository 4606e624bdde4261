#include "server/commands/archive_reader.h"

#include <algorithm>
#include <cstring>

namespace tagswell {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
// How long a pipe may pause before the lines at hand are given.
constexpr std::chrono::milliseconds kPatience{20};

}  // namespace

std::expected<ArchiveReader, Error> ArchiveReader::Open(const std::string& path, ArchiveReaderOptions options) {
  auto stream = ArchiveStream::Open(path);
  if (!stream) return std::unexpected(stream.error());
  return ArchiveReader(std::move(*stream), options);
}

ArchiveReader::ArchiveReader(ArchiveStream stream, ArchiveReaderOptions options)
    : stream_(std::move(stream)), options_(options), pieces_(options.pieces), buffer_(2 * kReadBytes + kPadding) {}

std::expected<ArchiveChunk, Error> ArchiveReader::Next(std::size_t lines_max) {
  FindPieces();
  std::size_t lines = 0;
  std::size_t cut = begin_;     // behind the last whole line
  std::size_t looked = begin_;  // no newline between the two
  while (true) {
    while (lines < lines_max && cut - begin_ < options_.chunk_bytes_max) {
      const auto size = FirstPiece(*pieces_, {buffer_.data() + cut, end_ - cut}, looked - cut);
      if (!size) error_ = size.error();
      looked = cut += size.value_or(0);
      if (size.value_or(0) == 0) {
        looked = end_;
        break;
      }
      ++lines;
    }
    if (lines == lines_max || cut - begin_ >= options_.chunk_bytes_max) return Cut(cut, lines);
    if (error_) {
      if (lines > 0) return Cut(cut, lines);
      return std::unexpected(*error_);
    }
    if (ended_ && *pieces_ == Pieces::kRecords && end_ > cut) {
      error_ = Error{"truncated_archive", "the last post is not all there"};
      continue;
    }
    if (ended_) return Cut(end_, lines + (end_ > cut ? 1 : 0));
    if (lines > 0 && !stream_.Ready(kPatience)) return Cut(cut, lines);
    if (end_ - cut > options_.line_bytes_max) {
      error_ =
          Error{"line_too_long", "line " + std::to_string(next_line_ + lines) + " is longer than " +
                                     std::to_string(options_.line_bytes_max) + " bytes: this is no archive of posts"};
      continue;
    }
    const std::size_t moved = begin_;
    if (auto read = ReadMore(); !read) error_ = read.error();
    cut -= moved - begin_;
    looked -= moved - begin_;
  }
}

// Looks at as many of the first bytes as it takes. A fault of the stream is met again by who reads on.
void ArchiveReader::FindPieces() {
  while (!pieces_) {
    pieces_ = PiecesOf({buffer_.data() + begin_, end_ - begin_}, ended_ || error_.has_value());
    if (pieces_) return;
    if (auto read = ReadMore(); !read) error_ = read.error();
  }
}

// Moves what was not given yet to the front when room is needed.
std::expected<void, Error> ArchiveReader::ReadMore() {
  if (buffer_.size() < end_ + kReadBytes + kPadding) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (buffer_.size() < end_ + kReadBytes + kPadding) buffer_.resize(2 * buffer_.size());
  }
  const auto got = stream_.Read(std::span(buffer_).subspan(end_, kReadBytes));
  if (!got) return std::unexpected(got.error());
  end_ += *got;
  ended_ = *got == 0;
  return {};
}

ArchiveChunk ArchiveReader::Cut(std::size_t end, std::uint64_t lines) {
  const ArchiveChunk chunk{.lines = {buffer_.data() + begin_, end - begin_}, .first_line = next_line_};
  begin_ = end;
  next_line_ += lines;
  return chunk;
}

std::optional<double> ArchiveReader::progress() const {
  const auto size = stream_.size();
  if (!size) return std::nullopt;
  if (*size == 0) return 1.0;
  return std::min(1.0, static_cast<double>(stream_.bytes_read()) / static_cast<double>(*size));
}

}  // namespace tagswell
