// The chunked transfer coding of RFC 9112, section 7.1, read strictly: hexadecimal sizes, CRLF everywhere. Extensions
// and trailers are checked for their form and dropped. Own, because Beast 1.81 asserts on a last chunk that comes in
// pieces. Knows no socket. One per body; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "server/net/request_head.h"

namespace tagswell {

class ChunkReader {
 public:
  // `line_bytes_max` bounds a size line with its extensions, and all trailers together.
  explicit ChunkReader(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  void Reset() { *this = ChunkReader(line_bytes_max_); }

  // Takes bytes from the front of `bytes` up to the end of one piece of data, of the body, or of `bytes`. Gives the
  // piece: a view into `bytes`, empty when there is none yet. Call again while bytes are left and Done() is false.
  // Faults: 400 bad_chunk, 431 header_too_large.
  std::expected<std::string_view, HttpFault> Next(std::string_view& bytes);

  bool Done() const { return state_ == State::kDone; }

 private:
  enum class State : unsigned char {
    kSize,       // hexadecimal digits
    kExtension,  // up to CR
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,  // the first byte of a trailer line, or the CR of the end
    kTrailer,
    kTrailerLf,
    kEndLf,
    kDone,
  };

  bool Take(char c);  // false: malformed

  std::size_t line_bytes_max_;
  State state_ = State::kSize;
  std::uint64_t size_ = 0;
  int digits_ = 0;
  std::size_t line_bytes_ = 0;
};

}  // namespace tagswell
