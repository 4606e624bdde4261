// One platform that is followed, as the configuration or a command line names it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tagswell {

inline constexpr std::string_view kJetstreamPlatform = "jetstream";
inline constexpr std::string_view kMastodonPlatform = "mastodon";
inline constexpr std::array kPlatforms = {kJetstreamPlatform, kMastodonPlatform};

// [[connect]]
struct ConnectSettings {
  static constexpr std::uint32_t kIdleSecondsMax = 86'400;

  std::string name;                 // of its cursor and its metrics: a-z, 0-9, '-', '_'
  std::string platform;             // one of kPlatforms
  std::string url;                  // ws or wss of a Jetstream, http or https of a Mastodon server
  std::string stream;               // that takes the posts
  std::string access_token_file;    // of Mastodon; empty: none
  std::string ca_file;              // PEM of whom to trust in place of the system's authorities; empty: these
  std::uint32_t idle_seconds = 60;  // so much silence, and the connection is made anew
};

}  // namespace tagswell
