// Topics that may not trend: GET /v1/blocks, and PUT, GET and DELETE of /v1/blocks/{tag}.
#pragma once

#include <vector>

#include "server/api/api_context.h"

namespace tagswell {

void AddBlocksRoutes(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
