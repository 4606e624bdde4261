#include "server/api/streams_api.h"

#include <algorithm>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

constexpr std::string_view kPrefix = "/v1/streams/{stream}";
constexpr std::string_view kVersion = "/v1";

using Streams = std::vector<std::unique_ptr<Stream>>;

Response NotAllowed() {
  return Problem(403, "stream_not_allowed", "The token is not good for this stream.");
}

// The place of the stream that the path names; `streams` are few.
std::optional<std::size_t> PlaceOf(const Streams& streams, const Request& request) {
  const auto found = std::ranges::find(streams, request.PathParam("stream"),
                                       [](const std::unique_ptr<Stream>& stream) { return stream->name(); });
  if (found == streams.end()) return std::nullopt;
  return static_cast<std::size_t>(found - streams.begin());
}

// The same route of each stream, as one: whose it is stands in the path.
Route ByName(const Streams& streams, const StreamRights& rights, const std::vector<Route>& same) {
  Route route = same.front();
  const std::string& pattern = same.front().pattern;
  route.pattern = std::string(kPrefix) + pattern.substr(pattern.starts_with("/v1/") ? kVersion.size() : 0);
  route.guard = [&streams, &rights](const Request& request) -> std::optional<Response> {
    const auto place = PlaceOf(streams, request);
    if (!place) return Problem(404, "unknown_stream", "There is no such stream.", "stream");
    if (!rights.May(request, streams[*place]->name())) return NotAllowed();
    return std::nullopt;
  };
  // The guard let only known names pass.
  if (route.admission) {
    route.admission = [&streams, same](Request& request) {
      return same[*PlaceOf(streams, request)].admission(request);
    };
  }
  if (route.handler) {
    route.handler = [&streams, same](Request&& request, Reply reply) {
      same[*PlaceOf(streams, request)].handler(std::move(request), std::move(reply));
    };
  }
  if (route.websocket) {
    route.websocket = [&streams, same](const Request& request) {
      return same[*PlaceOf(streams, request)].websocket(request);
    };
  }
  return route;
}

void List(const Streams& streams, const StreamRights& rights, const Request& request, Reply reply) {
  JsonWriter json;
  json.BeginObject();
  json.Key("streams");
  json.BeginArray();
  for (const std::unique_ptr<Stream>& stream : streams) {
    if (!rights.May(request, stream->name())) continue;
    json.BeginObject();
    json.Field("name", stream->name());
    json.Field("ready", stream->api().pipeline() != nullptr);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  reply(JsonResponse(200, json.Take()));
}

}  // namespace

bool StreamRights::MayAll(const Request& request) const {
  return !request.payer.token || tokens_.at(*request.payer.token).streams.empty();
}

bool StreamRights::May(const Request& request, std::string_view stream) const {
  return MayAll(request) || std::ranges::find(tokens_.at(*request.payer.token).streams, stream) !=
                                tokens_.at(*request.payer.token).streams.end();
}

void AddStreamRoutes(const Streams& streams, const StreamRights& rights, std::vector<Route>& routes) {
  std::vector<std::vector<Route>> of_streams;
  for (const std::unique_ptr<Stream>& stream : streams) of_streams.push_back(stream->Routes());
  for (Route route : of_streams.front()) {
    route.guard = [&rights](const Request& request) {
      return rights.May(request, kDefaultStream) ? std::nullopt : std::optional(NotAllowed());
    };
    routes.push_back(std::move(route));
  }
  for (std::size_t i = 0; i < of_streams.front().size(); ++i) {
    std::vector<Route> same;
    for (const std::vector<Route>& of_stream : of_streams) same.push_back(of_stream[i]);
    routes.push_back(ByName(streams, rights, same));
  }
  routes.push_back({.method = Method::kGet,
                    .pattern = "/v1/streams",
                    .role = Role::kRead,
                    .query = {},
                    .handler = [&streams, &rights](Request&& request,
                                                   Reply reply) { List(streams, rights, request, std::move(reply)); },
                    .websocket = {}});
}

}  // namespace tagswell
