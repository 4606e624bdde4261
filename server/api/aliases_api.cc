#include "server/api/aliases_api.h"

#include <algorithm>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

void WriteList(std::string_view name, const std::vector<std::string>& values, JsonWriter& json) {
  json.Key(name);
  json.BeginArray();
  for (const std::string& value : values) json.Value(value);
  json.EndArray();
}

void WriteAlias(const Alias& alias, JsonWriter& json) {
  json.BeginObject();
  json.Field("topic", alias.topic);
  WriteList("tags", alias.tags, json);
  WriteList("phrases", alias.phrases, json);
  json.EndObject();
}

Response ListAliases(const std::vector<Alias>& aliases) {
  JsonWriter json;
  json.BeginObject();
  json.Key("aliases");
  json.BeginArray();
  for (const Alias& alias : aliases) WriteAlias(alias, json);
  json.EndArray();
  json.EndObject();
  return JsonResponse(200, json.Take());
}

Response OneAlias(const std::vector<Alias>& aliases, const std::string& topic) {
  const auto found = std::ranges::find(aliases, topic, &Alias::topic);
  if (found == aliases.end()) return Problem(404, "not_found", "No tags or phrases are grouped under this topic.");
  JsonWriter json;
  WriteAlias(*found, json);
  return JsonResponse(200, json.Take());
}

}  // namespace

void AddAliasesRoutes(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back({.method = Method::kGet,
                    .pattern = "/v1/aliases",
                    .role = Role::kAdmin,
                    .query = {},
                    .handler = [&api](Request&&, Reply reply) { reply(ListAliases(api.config().aliases)); },
                    .websocket = {}});
  routes.push_back({.method = Method::kGet,
                    .pattern = "/v1/aliases/{topic}",
                    .role = Role::kAdmin,
                    .query = {},
                    .handler =
                        [&api](Request&& request, Reply reply) {
                          reply(OneAlias(api.config().aliases, api.TopicOf(request.PathParam("topic"))));
                        },
                    .websocket = {}});
}

}  // namespace tagswell
