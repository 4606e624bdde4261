// What trends, in the words of the fediverse: GET /api/v1/trends/tags as Mastodon answers it, and GET
// /trends/v0/hashtags, content and links as auxiliary service providers (FASP) do.
#pragma once

#include <vector>

#include "server/api/api_context.h"

namespace tagswell {

void AddFediverseRoutes(ApiContext& api, std::vector<Route>& routes);

// 1 to 100, growing with the score of a trend: 50 is where an announcement begins. The same everywhere, so that lists
// of several servers can be merged.
int FaspRank(double score);

}  // namespace tagswell
