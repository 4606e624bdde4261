// GET /v1/topics/{tag}: the story of a topic, from the engine's counts, the posts in the log and the events.
#pragma once

#include <vector>

#include "server/api/api_context.h"

namespace tagswell {

void AddStoryRoutes(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
