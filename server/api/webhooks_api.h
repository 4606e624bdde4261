// Webhooks: GET /v1/webhooks; PUT, GET and DELETE of /v1/webhooks/{name}; and what could not be brought.
#pragma once

#include <vector>

#include "server/api/api_context.h"
#include "server/net/route.h"

namespace tagswell {

void AddWebhooksRoutes(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
