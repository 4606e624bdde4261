// What [[connect]] may say.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "server/config/config_reader.h"
#include "server/net/web_address.h"

namespace tagswell {
namespace {

constexpr std::size_t kConnectsMax = 32;  // each has a thread

// `key` of one of them; the sentence goes on behind its name.
std::unexpected<Error> Bad(std::string_view key, const ConnectSettings& connect, std::string_view what) {
  return std::unexpected(Error{"bad_config", fmt::format("connect.{} of '{}' {}", key, connect.name, what),
                               "connect." + std::string(key)});
}

std::expected<void, Error> CheckUrl(const ConnectSettings& connect) {
  const std::string_view authority = std::string_view(connect.url).substr(0, connect.url.find_first_of("/?", 8));
  if (authority.contains('@') || connect.url.contains('#'))
    return Bad("url", connect, "must hold no user, no password and no '#'");
  const auto address = ParseWebAddress(connect.url);
  const std::string_view scheme = address ? std::string_view(address->scheme) : "";
  if (connect.platform == kJetstreamPlatform && scheme != "wss" && scheme != "ws")
    return Bad("url", connect, "must be wss://HOST or ws://HOST, perhaps with a path and a query");
  if (connect.platform == kMastodonPlatform && ((scheme != "https" && scheme != "http") || address->has_query()))
    return Bad("url", connect, "must be https://HOST or http://HOST");
  return {};
}

}  // namespace

std::expected<void, Error> CheckConnects(const Config& config) {
  if (config.connects.size() > kConnectsMax) {
    return std::unexpected(
        Error{"bad_config", fmt::format("connect may stand {} times at most", kConnectsMax), "connect"});
  }
  std::set<std::string_view> names;
  for (const ConnectSettings& connect : config.connects) {
    if (!IsPlainName(connect.name)) return Bad("name", connect, "must be made of a-z, 0-9, '-' and '_', 64 at most");
    if (!names.insert(connect.name).second) return Bad("name", connect, "stands twice");
    if (std::ranges::find(kPlatforms, connect.platform) == kPlatforms.end())
      return Bad("platform", connect, "must be jetstream or mastodon");
    if (auto checked = CheckUrl(connect); !checked) return checked;
    if (connect.stream != kDefaultStream &&
        std::ranges::find(config.streams, connect.stream, &StreamSettings::name) == config.streams.end())
      return Bad("stream", connect, fmt::format("is '{}', which is no stream", connect.stream));
    if (!connect.access_token_file.empty() && connect.platform != kMastodonPlatform)
      return Bad("access_token_file", connect, "is for mastodon");
  }
  return {};
}

}  // namespace tagswell
