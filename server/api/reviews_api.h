// Which trends may be shown: GET /v1/reviews, and PUT, GET and DELETE of /v1/reviews/{topic}.
#pragma once

#include <vector>

#include "server/api/api_context.h"

namespace tagswell {

void AddReviewsRoutes(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
