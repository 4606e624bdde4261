// POST /v1/checkpoint: a consistent copy of the store, made while it runs.
#pragma once

#include <vector>

#include "server/api/api_context.h"
#include "server/net/route.h"

namespace tagswell {

void AddCheckpointRoute(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
