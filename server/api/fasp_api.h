// This server as an auxiliary service provider of the fediverse (FASP): what servers ask of it, GET /provider_info and
// POST and DELETE of /capabilities/{id}/{version}/activation; and which they are, GET and POST /v1/fasp, GET and DELETE
// /v1/fasp/{id}.
#pragma once

#include <functional>
#include <vector>

#include "server/api/api_context.h"
#include "server/fasp/fasp.h"
#include "server/net/route.h"

namespace tagswell {

void AddFaspRoutes(ApiContext& api, std::vector<Route>& routes);

// A route that fediverse servers call: its role is that of others. `handler` is told who signed, as long as the call
// lasts, and its answer is signed for him; null: nobody, and the caller has the role. A bad signature is 401. Where no
// fasp_url is configured signatures mean nothing.
using FaspHandler = std::function<void(Pipeline&, Request&&, Reply, const Fasp::Signer*)>;
Route SignableRoute(ApiContext& api, Route route, FaspHandler handler);

}  // namespace tagswell
