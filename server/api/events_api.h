// Trend events: GET /v1/events as a JSON page, as Server-Sent Events, and as a WebSocket.
#pragma once

#include <vector>

#include "server/api/api_context.h"

namespace tagswell {

void AddEventsRoute(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
