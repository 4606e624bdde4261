// What operators and orchestrators ask: /livez, /readyz, /metrics.
#pragma once

#include <vector>

#include "server/api/api_context.h"

namespace tagswell {

void AddOpsRoutes(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
