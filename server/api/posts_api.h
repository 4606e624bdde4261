// Writing and reading single posts: POST /v1/posts, GET and DELETE /v1/posts/{source}/{id}.
#pragma once

#include <vector>

#include "server/api/api_context.h"

namespace tagswell {

void AddPostsRoutes(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
