#include "server/connect/platforms.h"

#include <unistd.h>

#include <utility>

#include "server/client/http_client.h"
#include "server/connect/jetstream_stream.h"
#include "server/connect/mastodon_stream.h"
#include "server/net/web_address.h"

namespace tagswell {

std::expected<std::unique_ptr<PlatformStream>, Error> MakePlatformStream(const ConnectSettings& settings,
                                                                         const Clock& clock,
                                                                         const Interruption& interruption,
                                                                         OnStreamGap on_gap) {
  const auto address = ParseWebAddress(settings.url);
  if (!address) return std::unexpected(Error{"bad_url", address.error().detail, "url"});
  if (!settings.ca_file.empty() && access(settings.ca_file.c_str(), R_OK) != 0)
    return std::unexpected(Error{"bad_authorities", settings.ca_file + " cannot be read", "ca_file"});
  const std::chrono::seconds idle_max(settings.idle_seconds);
  if (settings.platform == kJetstreamPlatform) {
    return std::make_unique<JetstreamStream>(*address, clock, interruption, std::move(on_gap),
                                             JetstreamOptions{.idle_max = idle_max, .ca_file = settings.ca_file});
  }
  std::string token;
  if (!settings.access_token_file.empty()) {
    auto read = ReadTokenFile(settings.access_token_file);
    if (!read) return std::unexpected(Error{"unreadable_token", read.error().detail, "access_token_file"});
    token = std::move(*read);
  }
  return std::make_unique<MastodonStream>(settings.url, std::move(token), clock, interruption, std::move(on_gap),
                                          MastodonOptions{.idle_max = idle_max, .ca_file = settings.ca_file});
}

std::string CursorOwner(const ConnectSettings& settings) {
  const auto address = ParseWebAddress(settings.url);
  if (settings.platform == kJetstreamPlatform || !address) return settings.platform;
  return settings.platform + " " + address->host;
}

}  // namespace tagswell
