#include "proto/post.h"

#include <array>

namespace tagswell {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"original", "reply", "repost", "quote"};

}  // namespace

std::string_view Name(PostKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<PostKind> PostKindFromName(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<PostKind>(i);
  }
  return std::nullopt;
}

}  // namespace tagswell
