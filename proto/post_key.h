// The identity of a post: a 128-bit keyed hash of (source, id). Two posts are the same post when their keys are equal;
// at a billion posts the chance of any false match is below 1e-20.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace tagswell {

// Keys every hash whose result leaves the process (stored, or seen in an estimate). One per store.
enum class HashSalt : std::uint64_t {};

struct PostKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const PostKey&, const PostKey&) = default;
};

PostKey KeyOf(std::string_view source, std::string_view id, HashSalt salt);

// 64-bit keyed hash of an author: what sketches and history store in place of the name. The author's string alone is
// the identity, whatever the source: who posts under one name on two networks counts once in the world. A sender that
// wants them apart writes the network into the name.
std::uint64_t AuthorHash(std::string_view author, HashSalt salt);

}  // namespace tagswell
