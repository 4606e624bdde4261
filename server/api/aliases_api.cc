#include "server/api/aliases_api.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "proto/tag_key.h"
#include "server/api/json_body.h"
#include "server/logging.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

constexpr JsonBody::Member kMembers[] = {{"tags", true}, {"phrases", true}};

void WriteList(std::string_view name, const std::vector<std::string>& values, JsonWriter& json) {
  json.Key(name);
  json.BeginArray();
  for (const std::string& value : values) json.Value(value);
  json.EndArray();
}

void WriteFixed(const Alias& alias, JsonWriter& json) {
  json.BeginObject();
  json.Field("topic", TagKey(alias.topic));
  WriteList("tags", alias.tags, json);
  WriteList("phrases", alias.phrases, json);
  json.Field("fixed", true);
  json.NullField("since");
  json.NullField("by");
  json.EndObject();
}

void WriteGroup(std::string_view topic, const AliasGroup& group, JsonWriter& json) {
  json.BeginObject();
  json.Field("topic", topic);
  WriteList("tags", group.tags, json);
  WriteList("phrases", group.phrases, json);
  json.Field("fixed", false);
  json.Field("since", group.since);
  if (group.by.empty()) {
    json.NullField("by");
  } else {
    json.Field("by", group.by);
  }
  json.EndObject();
}

Response GroupResponse(int status, std::string_view topic, const AliasGroup& group) {
  JsonWriter json;
  WriteGroup(topic, group, json);
  return JsonResponse(status, json.Take());
}

void ListAliases(Pipeline& pipeline, Request&&, Reply reply) {
  JsonWriter json;
  json.BeginObject();
  json.Key("aliases");
  json.BeginArray();
  for (const Alias& alias : pipeline.aliases().configured()) WriteFixed(alias, json);
  for (const auto& [topic, group] : pipeline.aliases().All()) WriteGroup(topic, group, json);
  json.EndArray();
  json.EndObject();
  reply(JsonResponse(200, json.Take()));
}

Response OneAlias(const TopicAliases& aliases, const std::string& counted) {
  if (const auto group = aliases.Find(counted)) return GroupResponse(200, ShownTopic(group->key), *group);
  const auto fixed =
      std::ranges::find_if(aliases.configured(), [&](const Alias& alias) { return TagKey(alias.topic) == counted; });
  if (fixed == aliases.configured().end())
    return Problem(404, "not_found", "No tags or phrases are grouped under this topic.");
  JsonWriter json;
  WriteFixed(*fixed, json);
  return JsonResponse(200, json.Take());
}

void ChangeAlias(Pipeline& pipeline, AliasCall call, Reply reply) {
  pipeline.ChangeAlias(call, [call, reply = std::move(reply)](std::expected<AliasAnswer, Error> done) mutable {
    if (!done) return reply(SubmitProblem(done.error()));
    if (done->changed) {
      Log(LogLevel::kInfo, "admin",
          {{"action", call.remove ? "unalias" : "alias"},
           {"topic", call.alias.topic},
           {"by", call.by},
           {"remote", call.remote}});
    }
    if (!call.remove) return reply(GroupResponse(done->created ? 201 : 200, call.alias.topic, done->group));
    Response response;
    response.status = 204;
    reply(std::move(response));
  });
}

void PutAlias(Pipeline& pipeline, Request&& request, Reply reply) {
  const auto body = JsonBody::Parse(request.body, kMembers);
  if (!body) return reply(BodyProblem(body.error()));
  AliasCall call{.alias = {.topic = TagKey(request.PathParam("topic")),
                           .tags = body->List("tags"),
                           .phrases = body->List("phrases")},
                 .by = std::move(request.token),
                 .remote = std::move(request.remote)};
  ChangeAlias(pipeline, std::move(call), std::move(reply));
}

void AnyAlias(ApiContext& api, Pipeline& pipeline, Request&& request, Reply reply) {
  auto counted = TopicParam(api, request, "topic");
  if (!counted) return reply(std::move(counted.error()));
  if (request.method == Method::kPut) return PutAlias(pipeline, std::move(request), std::move(reply));
  if (request.method == Method::kGet) return reply(OneAlias(pipeline.aliases(), *counted));
  AliasCall call{.alias = {.topic = pipeline.aliases().TopicOf(*counted), .tags = {}, .phrases = {}},
                 .remove = true,
                 .by = std::move(request.token),
                 .remote = std::move(request.remote)};
  ChangeAlias(pipeline, std::move(call), std::move(reply));
}

}  // namespace

void AddAliasesRoutes(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back({.method = Method::kGet,
                    .pattern = "/v1/aliases",
                    .role = Role::kAdmin,
                    .query = {},
                    .handler = WithPipeline(api, ListAliases),
                    .websocket = {}});
  for (const Method method : {Method::kGet, Method::kPut, Method::kDelete}) {
    routes.push_back({.method = method,
                      .pattern = "/v1/aliases/{topic}",
                      .role = Role::kAdmin,
                      .query = {},
                      .body = method == Method::kPut ? BodyRule::kRequired : BodyRule::kNone,
                      .handler = WithPipeline(api,
                                              [&api](Pipeline& pipeline, Request&& request, Reply reply) {
                                                AnyAlias(api, pipeline, std::move(request), std::move(reply));
                                              }),
                      .websocket = {}});
  }
}

}  // namespace tagswell
