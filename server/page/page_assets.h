// The files of the live board as they were embedded at build time. Constant; any thread may read them.
#pragma once

#include <span>
#include <string_view>

namespace tagswell {

struct PageAsset {
  std::string_view path;          // "/", "/board.css", ...
  std::string_view content_type;  // with its charset
  std::string_view etag;          // quoted, as the header carries it
  std::span<const unsigned char> bytes;
};

std::span<const PageAsset> PageAssets();

}  // namespace tagswell
