// `tagswell serve`: the order in which the server comes up, and its reverse.
#pragma once

#include "server/config/config.h"

namespace tagswell {

// Serves until SIGTERM or SIGINT. Returns the exit code: 0 after a clean stop, 1 when it could not start.
int RunServer(const Config& config);

}  // namespace tagswell
