#include "server/net/chunk_reader.h"

#include <algorithm>

namespace tagswell {
namespace {

constexpr int kDigitsMax = 15;  // far above every body limit, and no overflow

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsText(char c) {
  return static_cast<unsigned char>(c) >= 0x20 || c == '\t';
}

}  // namespace

bool ChunkReader::Take(char c) {
  switch (state_) {
    case State::kSize:
      if (const int digit = HexDigit(c); digit >= 0) {
        size_ = size_ << 4 | static_cast<std::uint64_t>(digit);
        return ++digits_ <= kDigitsMax;
      }
      if (digits_ == 0 || (c != ';' && c != '\r')) return false;
      state_ = c == '\r' ? State::kSizeLf : State::kExtension;
      return true;
    case State::kExtension:
      if (c == '\r') state_ = State::kSizeLf;
      return c == '\r' || IsText(c);
    case State::kSizeLf:
      state_ = size_ > 0 ? State::kData : State::kTrailerStart;
      line_bytes_ = 0;
      return c == '\n';
    case State::kDataCr:
      state_ = State::kDataLf;
      return c == '\r';
    case State::kDataLf:
      state_ = State::kSize;
      digits_ = 0;
      line_bytes_ = 0;
      return c == '\n';
    case State::kTrailerStart:
      state_ = c == '\r' ? State::kEndLf : State::kTrailer;
      return c == '\r' || (IsText(c) && c != ' ' && c != '\t');  // a folded line is refused
    case State::kTrailer:
      if (c == '\r') state_ = State::kTrailerLf;
      return c == '\r' || IsText(c);
    case State::kTrailerLf:
      state_ = State::kTrailerStart;
      return c == '\n';
    case State::kEndLf:
      state_ = State::kDone;
      return c == '\n';
    case State::kData:
    case State::kDone:
      break;
  }
  return false;
}

std::expected<std::string_view, HttpFault> ChunkReader::Next(std::string_view& bytes) {
  while (!bytes.empty() && state_ != State::kDone) {
    if (state_ == State::kData) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(size_, bytes.size()));
      const std::string_view piece = bytes.substr(0, take);
      bytes.remove_prefix(take);
      size_ -= take;
      if (size_ == 0) state_ = State::kDataCr;
      return piece;
    }
    if (++line_bytes_ > line_bytes_max_) {
      return std::unexpected(HttpFault{431, {"header_too_large", "A chunk's line or the trailers are too large."}});
    }
    if (!Take(bytes.front())) {
      return std::unexpected(HttpFault{400, {"bad_chunk", "The chunked body is malformed."}});
    }
    bytes.remove_prefix(1);
  }
  return std::string_view();
}

}  // namespace tagswell
