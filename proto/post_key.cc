#include "proto/post_key.h"

// Inlined: keys of twenty bytes cost less than the call into the library would.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tagswell {
namespace {

// The source seeds the hash of the name, so that ("a", "bc") and ("ab", "c") never meet and nothing is copied.
std::uint64_t SeedOf(std::string_view source, std::uint64_t salt) {
  return XXH3_64bits_withSeed(source.data(), source.size(), salt);
}

}  // namespace

PostKey KeyOf(std::string_view source, std::string_view id, HashSalt salt) {
  const XXH128_hash_t hash =
      XXH3_128bits_withSeed(id.data(), id.size(), SeedOf(source, static_cast<std::uint64_t>(salt)));
  return {.high = hash.high64, .low = hash.low64};
}

std::uint64_t AuthorHash(std::string_view author, HashSalt salt) {
  // A salt of its own: an author's hash must tell nothing about the key of a post with the same name.
  constexpr std::uint64_t kAuthors = 0x9E37'79B9'7F4A'7C15;
  return XXH3_64bits_withSeed(author.data(), author.size(), static_cast<std::uint64_t>(salt) ^ kAuthors);
}

}  // namespace tagswell
