// Authors who leave: DELETE /v1/authors/{source}/{author}.
#pragma once

#include <vector>

#include "server/api/api_context.h"

namespace tagswell {

void AddAuthorsRoute(ApiContext& api, std::vector<Route>& routes);

}  // namespace tagswell
