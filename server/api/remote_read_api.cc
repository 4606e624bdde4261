#include "server/api/remote_read_api.h"

#include <string>
#include <utility>

#include "server/api/parameters.h"
#include "server/api/remote_read_request.h"
#include "server/api/remote_read_response.h"
#include "server/api/remote_read_series.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

// Selectors are short: a pattern with thousands of topics still fits, and compiling it does not hold up an io thread.
constexpr std::size_t kRequestBytesMax = 64 * 1024;

Response Refuse(const Error& error) {
  if (error.code == "overloaded" || error.code == "draining") return SubmitProblem(error);
  return Problem(error.code == "storage_failed" ? 503 : 422, error);
}

Response Answer(const History& history, const HistoryExtent& extent, std::vector<SeriesQuery> queries) {
  std::size_t samples = 0;
  std::vector<std::vector<TopicSeries>> results;
  for (SeriesQuery& query : queries) {
    auto series = ReadSeries(history, extent, std::move(query), ReadLimits(), samples);
    if (!series) return Refuse(series.error());
    results.push_back(std::move(*series));
  }
  Response response;
  response.content_type = "application/x-protobuf";
  response.headers.emplace_back("Content-Encoding", "snappy");
  response.body = EncodeReadResponse(results);
  return response;
}

HistoryExtent ExtentOf(const Engine& engine, const Store& store) {
  HistoryExtent extent{.end = engine.TopEnd(), .scopes = {}, .groups = store.groups()};
  for (std::size_t i = 0; i < engine.scopes().scope_count(); ++i)
    extent.scopes.emplace_back(engine.scopes().Name(ScopeId{static_cast<std::uint16_t>(i)}));
  return extent;
}

void PostRead(Pipeline& pipeline, Request&& request, Reply reply) {
  if (MediaType(request.Header("content-type")) != "application/x-protobuf") {
    return reply(
        Problem(415, "unsupported_media_type", "Content-Type must be application/x-protobuf.", "Content-Type"));
  }
  if (request.body.size() > kRequestBytesMax) {
    return reply(Problem(413, "body_too_large",
                         "A read request may have " + std::to_string(kRequestBytesMax) + " bytes once decoded."));
  }
  auto queries = ParseReadRequest(request.body);
  if (!queries) return reply(Problem(400, queries.error()));
  pipeline.Ask([&pipeline, queries = std::move(*queries), reply = std::move(reply)](const Engine& engine) mutable {
    pipeline.ReadAtLength([&pipeline, extent = ExtentOf(engine, pipeline.store()), queries = std::move(queries),
                           reply = std::move(reply)](std::expected<void, Error> turn) mutable {
      if (!turn) return reply(Refuse(turn.error()));
      reply(Answer(pipeline.store().history(), extent, std::move(queries)));
    });
  });
}

}  // namespace

void AddRemoteReadRoute(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back({.method = Method::kPost,
                    .pattern = "/api/v1/read",
                    .role = Role::kRead,
                    .body = BodyRule::kRequired,
                    .handler = WithPipeline(api, PostRead),
                    .websocket = {}});
}

}  // namespace tagswell
