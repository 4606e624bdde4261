// What operators changed, when, and who they were.
#pragma once

#include <vector>

#include "server/api/api_context.h"
#include "server/net/route.h"

namespace tagswell {

void AddAuditRoute(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
