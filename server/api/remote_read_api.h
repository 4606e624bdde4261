// POST /api/v1/read: the history of any topic for PromQL, over Prometheus' remote-read.
#pragma once

#include <vector>

#include "server/api/api_context.h"

namespace tagswell {

void AddRemoteReadRoute(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
