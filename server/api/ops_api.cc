#include "server/api/ops_api.h"

#include <utility>

#include "server/net/problem.h"

namespace tagswell {
namespace {

// Beyond this the boards are too old to be called live.
constexpr std::uint64_t kReadyLagPostsMax = 1'000'000;

Response Text(int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(body);
  return response;
}

void Ready(ApiContext& api, Request&&, Reply reply) {
  Pipeline* pipeline = api.pipeline();
  if (pipeline == nullptr) return reply(api.NotReady());
  if (!pipeline->healthy())
    return reply(Problem(503, "storage_failed", "The log cannot be written. Restart the server."));
  if (pipeline->store().FreeBytesLow())
    return reply(Problem(503, "disk_full", "The disk of the store is nearly full."));
  if (pipeline->lag_posts() > kReadyLagPostsMax)
    return reply(Problem(503, "lagging", "Too many posts are accepted and not yet counted."));
  reply(Text(200, "ready\n"));
}

}  // namespace

void AddOpsRoutes(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back({.method = Method::kGet,
                    .pattern = "/livez",
                    .role = {},
                    .query = {},
                    .handler = [](Request&&, Reply reply) { reply(Text(200, "alive\n")); },
                    .websocket = {},
                    .probe = true});
  routes.push_back(
      {.method = Method::kGet,
       .pattern = "/readyz",
       .role = {},
       .query = {},
       .handler = [&api](Request&& request, Reply reply) { Ready(api, std::move(request), std::move(reply)); },
       .websocket = {},
       .probe = true});
  routes.push_back({.method = Method::kGet,
                    .pattern = "/metrics",
                    .role = Role::kRead,
                    .query = {},
                    .handler =
                        [&api](Request&& request, Reply reply) {
                          const bool open =
                              request.Header("accept").find("application/openmetrics-text") != std::string_view::npos;
                          Response response =
                              Text(200, api.metrics().Text(open ? Exposition::kOpenMetrics : Exposition::kText));
                          response.content_type = open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                                       : "text/plain; version=0.0.4; charset=utf-8";
                          reply(std::move(response));
                        },
                    .websocket = {},
                    .operating = true});
}

}  // namespace tagswell
