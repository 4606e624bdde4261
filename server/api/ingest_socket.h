// GET /v1/ingest, upgraded: each message is one post or lines of NDJSON; each is answered, in order, with what became
// of it. Reading pauses while many messages wait for their commit.
#pragma once

#include <vector>

#include "server/api/api_context.h"

namespace tagswell {

void AddIngestSocketRoute(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
