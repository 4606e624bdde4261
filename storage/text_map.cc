#include "storage/text_map.h"

#include <xxhash.h>

#include <cstdint>
#include <random>

namespace tagswell {
namespace {

std::uint64_t DrawSeed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace

std::size_t TextHash::operator()(std::string_view text) const {
  static const std::uint64_t kSeed = DrawSeed();
  return XXH3_64bits_withSeed(text.data(), text.size(), kSeed);
}

}  // namespace tagswell
