// Decompression step by step, with the caller's memory on both sides. One per stream; one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace tagswell {

class ArchiveCodec {
 public:
  struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    bool malformed = false;
  };

  virtual ~ArchiveCodec() = default;

  // Takes from `input`, gives to `room`. Neither moves when more input is needed.
  virtual Step Decode(std::string_view input, std::span<char> room) = 0;

  // Whether the input may end here.
  virtual bool AtBoundary() const = 0;

  // By the first bytes of the stream; plain bytes come out as they went in.
  static std::unique_ptr<ArchiveCodec> For(std::string_view first_bytes);
  static constexpr std::size_t kFirstBytes = 4;
};

}  // namespace tagswell
