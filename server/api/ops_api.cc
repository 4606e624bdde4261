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

// Why the stream cannot serve; nothing when it can.
std::optional<Response> Unready(ApiContext& api) {
  const auto problem = [&api](std::string_view code, const std::string& detail) {
    return Problem(503, code, api.stream() == kDefaultStream ? detail : "Stream " + api.stream() + ": " + detail);
  };
  Pipeline* pipeline = api.pipeline();
  if (pipeline == nullptr) return api.NotReady();
  if (!pipeline->healthy()) return problem("storage_failed", "The log cannot be written. Restart the server.");
  if (pipeline->store().FreeBytesLow()) return problem("disk_full", "The disk of the store is nearly full.");
  if (pipeline->lag_posts() > kReadyLagPostsMax)
    return problem("lagging", "Too many posts are accepted and not yet counted.");
  return std::nullopt;
}

}  // namespace

void AddOpsRoutes(const std::vector<std::unique_ptr<Stream>>& streams, const StreamRights& rights, Metrics& metrics,
                  std::vector<Route>& routes) {
  routes.push_back({.method = Method::kGet,
                    .pattern = "/livez",
                    .role = {},
                    .query = {},
                    .handler = [](Request&&, Reply reply) { reply(Text(200, "alive\n")); },
                    .websocket = {},
                    .probe = true});
  routes.push_back({.method = Method::kGet,
                    .pattern = "/readyz",
                    .role = {},
                    .query = {},
                    .handler =
                        [&streams](Request&&, Reply reply) {
                          for (const std::unique_ptr<Stream>& stream : streams) {
                            if (auto unready = Unready(stream->api())) return reply(std::move(*unready));
                          }
                          reply(Text(200, "ready\n"));
                        },
                    .websocket = {},
                    .probe = true});
  routes.push_back({.method = Method::kGet,
                    .pattern = "/metrics",
                    .role = Role::kRead,
                    .query = {},
                    .handler =
                        [&metrics](Request&& request, Reply reply) {
                          const bool open =
                              request.Header("accept").find("application/openmetrics-text") != std::string_view::npos;
                          Response response =
                              Text(200, metrics.Text(open ? Exposition::kOpenMetrics : Exposition::kText));
                          response.content_type = open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                                       : "text/plain; version=0.0.4; charset=utf-8";
                          reply(std::move(response));
                        },
                    .websocket = {},
                    .guard = [&rights](const Request& request) -> std::optional<Response> {
                      if (rights.MayAll(request)) return std::nullopt;
                      return Problem(403, "stream_not_allowed", "Metrics tell of streams that the token is not for.");
                    },
                    .operating = true});
}

}  // namespace tagswell
