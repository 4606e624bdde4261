#include "server/api/blocks_api.h"

#include <optional>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "server/logging.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

void WriteBlock(std::string_view topic, const TopicBlock& block, const History& history, JsonWriter& json) {
  json.BeginObject();
  json.Field("topic", topic);
  json.Field("display", history.Display(topic));
  json.Field("since", block.since);
  json.Field("origin", block.configured ? "configuration" : "call");
  if (block.by.empty()) {
    json.NullField("by");
  } else {
    json.Field("by", block.by);
  }
  json.EndObject();
}

Response BlockResponse(int status, std::string_view topic, const TopicBlock& block, Pipeline& pipeline) {
  JsonWriter json;
  WriteBlock(topic, block, pipeline.store().history(), json);
  return JsonResponse(status, json.Take());
}

void ListBlocks(Pipeline& pipeline, Request&&, Reply reply) {
  JsonWriter json;
  json.BeginObject();
  json.Key("blocks");
  json.BeginArray();
  for (const auto& [topic, block] : pipeline.blocks().All()) WriteBlock(topic, block, pipeline.store().history(), json);
  json.EndArray();
  json.EndObject();
  reply(JsonResponse(200, json.Take()));
}

void GetBlock(Pipeline& pipeline, const std::string& topic, Reply reply) {
  const auto block = pipeline.blocks().Find(topic);
  if (!block) return reply(Problem(404, "not_found", "This tag is not blocked."));
  reply(BlockResponse(200, topic, *block, pipeline));
}

void ChangeBlock(Pipeline& pipeline, BlockCall call, Reply reply) {
  pipeline.ChangeBlock(call,
                       [&pipeline, call, reply = std::move(reply)](std::expected<BlockAnswer, Error> done) mutable {
                         if (!done) return reply(SubmitProblem(done.error()));
                         if (done->changed) {
                           Log(LogLevel::kInfo, "admin",
                               {{"action", call.lift ? "unblock" : "block"},
                                {"topic", call.topic},
                                {"by", call.by},
                                {"remote", call.remote}});
                         }
                         if (!call.lift)
                           return reply(BlockResponse(done->changed ? 201 : 200, call.topic, done->block, pipeline));
                         Response response;
                         response.status = 204;
                         reply(std::move(response));
                       });
}

void OneBlock(ApiContext& api, Pipeline& pipeline, Request&& request, Reply reply) {
  auto topic = TopicParam(api, request, "tag");
  if (!topic) return reply(std::move(topic.error()));
  topic = pipeline.aliases().TopicOf(*topic);
  if (request.method == Method::kGet) return GetBlock(pipeline, *topic, std::move(reply));
  ChangeBlock(pipeline,
              {.topic = std::move(*topic),
               .lift = request.method == Method::kDelete,
               .by = std::move(request.token),
               .remote = std::move(request.remote)},
              std::move(reply));
}

}  // namespace

void AddBlocksRoutes(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back({.method = Method::kGet,
                    .pattern = "/v1/blocks",
                    .role = Role::kAdmin,
                    .query = {},
                    .handler = WithPipeline(api, ListBlocks),
                    .websocket = {}});
  for (const Method method : {Method::kGet, Method::kPut, Method::kDelete}) {
    routes.push_back({.method = method,
                      .pattern = "/v1/blocks/{tag}",
                      .role = Role::kAdmin,
                      .query = {},
                      .handler = WithPipeline(api,
                                              [&api](Pipeline& pipeline, Request&& request, Reply reply) {
                                                OneBlock(api, pipeline, std::move(request), std::move(reply));
                                              }),
                      .websocket = {}});
  }
}

}  // namespace tagswell
