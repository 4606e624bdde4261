// Reading what was counted: /v1/trends, /v1/top, /v1/topics/…, /v1/stats.
#pragma once

#include <vector>

#include "server/api/api_context.h"

namespace tagswell {

void AddReadRoutes(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
