// Which tags and phrases count as one topic: GET /v1/aliases and GET /v1/aliases/{topic}.
#pragma once

#include <vector>

#include "server/api/api_context.h"

namespace tagswell {

void AddAliasesRoutes(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
