// What operators and orchestrators ask: /livez, /readyz, /metrics.
#pragma once

#include <memory>
#include <vector>

#include "server/api/streams_api.h"

namespace tagswell {

// Ready is who has all its streams ready. /metrics tells of all of them: 403 stream_not_allowed to a token that is good
// for some. All outlive the routes.
void AddOpsRoutes(const std::vector<std::unique_ptr<Stream>>& streams, const StreamRights& rights, Metrics& metrics,
                  std::vector<Route>& routes);

}  // namespace tagswell
