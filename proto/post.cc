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

std::vector<std::string> ScopeNames(const Post& post) {
  std::vector<std::string> names{std::string(kWorldScope)};
  const auto add = [&names](std::string_view prefix, std::string_view value) {
    if (!value.empty()) names.emplace_back(prefix).append(value);
  };
  add("country:", post.country);
  add("lang:", post.lang);
  add("source:", post.source);
  return names;
}

}  // namespace tagswell
