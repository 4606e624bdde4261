// The platforms that can be followed: from what an operator says to a stream that can be opened.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "proto/error.h"
#include "server/client/interruption.h"
#include "server/clock.h"
#include "server/config/connect_settings.h"
#include "server/connect/platform_stream.h"

namespace tagswell {

// Reads the token and looks for the authorities; connects to nobody. `clock` and `interruption` outlive the stream.
// Errors, with the setting in `field`: bad_url, unreadable_token, bad_authorities.
std::expected<std::unique_ptr<PlatformStream>, Error> MakePlatformStream(const ConnectSettings& settings,
                                                                         const Clock& clock,
                                                                         const Interruption& interruption,
                                                                         OnStreamGap on_gap);

// Whose positions its cursor holds: times of Jetstream hold for all of its servers, ids of statuses for one Mastodon.
std::string CursorOwner(const ConnectSettings& settings);

}  // namespace tagswell
