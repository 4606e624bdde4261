// The live board: GET / and its parts (style, scripts, icon), embedded at build time. Open to everyone: the page holds
// no data; what it shows it asks for under the reader's own rights.
#pragma once

#include <vector>

#include "server/net/route.h"

namespace tagswell {

void AddPageRoutes(std::vector<Route>& routes);

}  // namespace tagswell
