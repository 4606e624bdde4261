// Whose JSON posts are written in: the values of the parameter format=.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tagswell {

enum class PostFormat : std::uint8_t {
  kTagswell,
  kTwitterV1,
  kTwitterV2,
  kMastodon,
  kActivityStreams,
  kJetstream,
};

inline constexpr std::array<std::string_view, 6> kPostFormatNames = {"tagswell", "twitter-v1",      "twitter-v2",
                                                                     "mastodon", "activitystreams", "jetstream"};

constexpr std::string_view Name(PostFormat format) {
  return kPostFormatNames[static_cast<std::size_t>(format)];
}

constexpr std::optional<PostFormat> PostFormatFromName(std::string_view name) {
  for (std::size_t i = 0; i < kPostFormatNames.size(); ++i) {
    if (kPostFormatNames[i] == name) return static_cast<PostFormat>(i);
  }
  return std::nullopt;
}

// "tagswell, twitter-v1, ...", for messages.
inline std::string PostFormatNames() {
  std::string names;
  for (const std::string_view name : kPostFormatNames) names.append(names.empty() ? "" : ", ").append(name);
  return names;
}

}  // namespace tagswell
