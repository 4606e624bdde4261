#include "server/api/posts_api.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "proto/post_codec.h"
#include "server/api/ingest_report.h"
#include "server/api/parameters.h"
#include "server/api/shown_post.h"
#include "server/net/problem.h"
#include "server/pipeline/refusals.h"

namespace tagswell {
namespace {

std::optional<BodyShape> ShapeOf(std::string_view content_type) {
  const std::string_view type = MediaType(content_type);
  if (type == "application/json") return BodyShape::kJson;
  if (type == "application/x-ndjson" || type == "application/ndjson" || type == "application/jsonl")
    return BodyShape::kNdjson;
  if (type == "application/x-protobuf" || type == "application/protobuf") return BodyShape::kProtobuf;
  if (type == "application/cloudevents+json") return BodyShape::kCloudEvent;
  if (type == "application/cloudevents-batch+json") return BodyShape::kCloudEvents;
  if (type == "application/cloudevents+ndjson") return BodyShape::kCloudEventLines;
  return std::nullopt;
}

Response ReportResponse(const IngestReport& report) {
  Response response = JsonResponse(200, report.ToJson());
  response.headers.emplace_back("Tagswell-Rejected", std::to_string(report.rejected));
  return response;
}

// The whole batch is refused: the lines at fault stand beside the usual members of a problem.
Response StrictRefusal(const IngestReport& report) {
  JsonWriter json;
  json.BeginObject();
  json.Field("type", "about:blank");
  json.Field("title", StatusTitle(422));
  json.Field("status", 422U);
  json.Field("code", "rejected_lines");
  json.Field("detail",
             std::to_string(report.rejected) + " of the posts are no good, so with strict=true nothing was stored.");
  json.Key("report");
  json.Raw(report.ToJson());
  json.EndObject();
  Response response;
  response.status = 422;
  response.content_type = "application/problem+json";
  response.body = json.Take();
  response.headers.emplace_back("Tagswell-Rejected", std::to_string(report.rejected));
  return response;
}

Response SingleRefusal(const ParsedBody& parsed) {
  const Error& error = parsed.errors.front().error;
  return Problem(error.code == "malformed_json" ? 400 : 422, error);
}

std::string StoredForm(std::string_view record_bytes, const AliasGroups& groups) {
  Record record;
  const auto decoded = DecodeRecord(record_bytes, record);
  return decoded ? ShownPostToJson(record.post, groups) : std::string();
}

void SubmitSingle(Pipeline& pipeline, ParsedBody parsed, Reply reply) {
  const PostKey key = parsed.batch.keys.front();
  std::string stored = StoredForm(parsed.batch.RecordAt(0), *pipeline.store().groups());
  pipeline.Submit(std::move(parsed.batch), [&pipeline, key, stored = std::move(stored),
                                            reply = std::move(reply)](std::expected<Committed, Error> done) mutable {
    if (!done) return reply(SubmitProblem(done.error()));
    if (done->duplicates.empty()) return reply(JsonResponse(201, std::move(stored)));
    const auto known = pipeline.store().log().Find(key);
    reply(JsonResponse(
        200, known && *known ? ShownPostToJson((*known)->record.post, *pipeline.store().groups()) : std::move(stored)));
  });
}

void SubmitBatch(Pipeline& pipeline, ParsedBody parsed, Reply reply) {
  IngestReport report = IngestReport::Of(parsed);
  pipeline.Submit(std::move(parsed.batch),
                  [report = std::move(report), reply = std::move(reply)](std::expected<Committed, Error> done) mutable {
                    if (!done) return reply(SubmitProblem(done.error()));
                    report.Add(*done);
                    reply(ReportResponse(report));
                  });
}

// Answers as soon as the batch is queued. Only a refusal by the queue itself can still be told.
void SubmitAsync(Pipeline& pipeline, ParsedBody parsed, Reply reply) {
  IngestReport report = IngestReport::Of(parsed);
  report.accepted = parsed.batch.size();
  report.retracted = parsed.batch.Deletions();
  auto answer = std::make_shared<Reply>(std::move(reply));
  auto answered = std::make_shared<std::atomic<bool>>(false);
  pipeline.Submit(std::move(parsed.batch), [answer, answered](std::expected<Committed, Error> done) {
    if (!done && !answered->exchange(true)) (*answer)(SubmitProblem(done.error()));
  });
  if (answered->exchange(true)) return;
  Response response = ReportResponse(report);
  response.status = 202;
  (*answer)(std::move(response));
}

void PostPosts(ApiContext& api, Pipeline& pipeline, Request&& request, Reply reply) {
  const auto shape = ShapeOf(request.Header("content-type"));
  if (!shape)
    return reply(Problem(415, "unsupported_media_type",
                         "Content-Type must be application/json, application/x-ndjson, application/x-protobuf, "
                         "application/cloudevents+json, application/cloudevents-batch+json or "
                         "application/cloudevents+ndjson.",
                         "Content-Type"));
  const auto format = FormatParam(request);
  if (!format) return reply(Problem(400, format.error()));
  if (*shape == BodyShape::kProtobuf && *format != PostFormat::kTagswell) {
    return reply(Problem(400, "unknown_format", "Posts in protobuf are tagswell's own: leave format out.", "format"));
  }
  const auto strict = request.QueryParam("strict");
  if (strict && *strict != "true" && *strict != "false")
    return reply(Problem(400, "bad_parameter", "strict must be true or false.", "strict"));
  const auto ack = request.QueryParam("ack");
  if (ack && *ack != "async" && *ack != "durable")
    return reply(Problem(400, "bad_parameter", "ack must be durable or async.", "ack"));
  // Asked again: the queue may have filled while the body came slowly.
  if (const auto refusal = pipeline.Refusal()) return reply(SubmitProblem(*refusal));

  auto parsed = api.ReadPosts(*format, *shape, request.body, request.payer);
  if (!parsed) return reply(Problem(parsed.error().code == "too_many_posts" ? 413 : 400, parsed.error()));
  pipeline.LearnBody(request.body_bytes, parsed->batch.steps());
  if (parsed->single && parsed->rejected > 0) return reply(SingleRefusal(*parsed));
  if (strict == "true" && parsed->rejected > 0) {
    return reply(StrictRefusal(IngestReport::Of(*parsed)));
  }
  if (ack == "async") return SubmitAsync(pipeline, std::move(*parsed), std::move(reply));
  if (parsed->single) return SubmitSingle(pipeline, std::move(*parsed), std::move(reply));
  SubmitBatch(pipeline, std::move(*parsed), std::move(reply));
}

// An overloaded server must not spend on what it cannot take: it is refused before its body is read.
std::optional<Response> AdmitPosts(ApiContext& api, Request& request) {
  Pipeline* const pipeline = api.pipeline();
  if (pipeline == nullptr) return api.NotReady();
  if (const auto hit = api.LimitOfPosts(request.payer)) return LimitResponse(*hit);
  auto let_in = pipeline->LetIn(request.body_bytes);
  if (!let_in) return SubmitProblem(let_in.error());
  request.let_in = std::move(*let_in);
  return std::nullopt;
}

void GetPost(Pipeline& pipeline, Request&& request, Reply reply) {
  const PostKey key = KeyOf(request.PathParam("source"), request.PathParam("id"), pipeline.store().salt());
  const auto found = pipeline.store().log().Find(key);
  if (!found) return reply(SubmitProblem(found.error()));
  if (!*found) return reply(Problem(404, "not_found", "There is no such post."));
  reply(JsonResponse(200, ShownPostToJson((*found)->record.post, *pipeline.store().groups())));
}

void DeletePost(Pipeline& pipeline, Request&& request, Reply reply) {
  const PostKey key = KeyOf(request.PathParam("source"), request.PathParam("id"), pipeline.store().salt());
  pipeline.Retract(key, [reply = std::move(reply)](std::expected<void, Error> done) mutable {
    if (!done) return reply(SubmitProblem(done.error()));
    Response response;
    response.status = 204;
    reply(std::move(response));
  });
}

}  // namespace

void AddPostsRoutes(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back({.method = Method::kPost,
                    .pattern = "/v1/posts",
                    .role = Role::kIngest,
                    .query = {{"format"}, {"strict"}, {"ack"}},
                    .body = BodyRule::kRequired,
                    .admission = [&api](Request& request) { return AdmitPosts(api, request); },
                    .handler = WithPipeline(api,
                                            [&api](Pipeline& pipeline, Request&& request, Reply reply) {
                                              PostPosts(api, pipeline, std::move(request), std::move(reply));
                                            }),
                    .websocket = {}});
  routes.push_back({.method = Method::kGet,
                    .pattern = "/v1/posts/{source}/{id}",
                    .role = Role::kRead,
                    .query = {},
                    .handler = WithPipeline(api, GetPost),
                    .websocket = {}});
  routes.push_back({.method = Method::kDelete,
                    .pattern = "/v1/posts/{source}/{id}",
                    .role = Role::kIngest,
                    .query = {},
                    .handler = WithPipeline(api, DeletePost),
                    .websocket = {}});
}

}  // namespace tagswell
