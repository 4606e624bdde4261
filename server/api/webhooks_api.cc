#include "server/api/webhooks_api.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "proto/trend_event.h"
#include "server/api/json_body.h"
#include "server/api/parameters.h"
#include "server/logging.h"
#include "server/net/problem.h"
#include "server/webhooks/webhooks.h"

namespace tagswell {
namespace {

constexpr JsonBody::Member kMembers[] = {{"url"}, {"secret"}, {"scopes", true}, {"topics", true}, {"types", true}};
constexpr std::size_t kDeadMax = 1000;

bool IsName(std::string_view name) {
  return name.size() <= 64 && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.';
         });
}

void WriteList(std::string_view name, const std::vector<std::string>& values, JsonWriter& json) {
  json.Key(name);
  json.BeginArray();
  for (const std::string& value : values) json.Value(value);
  json.EndArray();
}

// Everything but the secret.
void WriteWebhook(std::string_view name, const Webhooks::State& state, JsonWriter& json) {
  const Webhook& webhook = state.webhook;
  const WebhookCourier::Progress& progress = state.progress;
  json.BeginObject();
  json.Field("name", name);
  json.Field("url", webhook.url);
  WriteList("scopes", webhook.scopes, json);
  WriteList("topics", webhook.topics, json);
  WriteList("types", webhook.types, json);
  json.Field("since", webhook.since);
  json.FieldOrNull("by", webhook.by);
  json.Field("after_seq", progress.cursor.after_seq);
  json.Field("attempts", progress.cursor.attempts);
  if (progress.cursor.attempts > 0) {
    json.Field("failing_since", progress.cursor.failing_since);
  } else {
    json.NullField("failing_since");
  }
  json.FieldOrNull("last_error", progress.last_error);
  json.EndObject();
}

Response NotFound() {
  return Problem(404, "not_found", "There is no such webhook.");
}

Response OneWebhook(int status, const std::string& name, const Webhooks& webhooks) {
  const auto state = webhooks.Find(name);
  if (!state) return NotFound();
  JsonWriter json;
  WriteWebhook(name, *state, json);
  return JsonResponse(status, json.Take());
}

std::expected<Webhook, Error> WebhookOf(ApiContext& api, const JsonBody& body) {
  Webhook webhook{.url = body.Text("url"),
                  .secret = body.Text("secret"),
                  .scopes = body.List("scopes"),
                  .topics = {},
                  .types = body.List("types"),
                  .since = {},
                  .by = {}};
  const auto bad = [](const char* detail, const char* field) {
    return std::unexpected(Error{"bad_filter", detail, field});
  };
  for (const std::string& scope : webhook.scopes) {
    if (!IsScope(scope)) return bad("A scope is world, country:XX, lang:xx or source:name.", "scopes");
  }
  for (const std::string& type : webhook.types) {
    if (!TrendEventTypeFromName(type))
      return bad("A type is started, rank, milestone, peaked, ended or retracted.", "types");
  }
  for (const std::string& tag : body.List("topics")) {
    auto topic = api.CountedTopicOf(tag);
    if (!topic) return bad("A topic holds a letter, no control characters, and at most 1024 bytes.", "topics");
    webhook.topics.push_back(std::move(*topic));
  }
  return webhook;
}

void LogChange(std::string_view action, const std::string& name, const std::string& by, const std::string& remote) {
  Log(LogLevel::kInfo, "admin", {{"action", action}, {"webhook", name}, {"by", by}, {"remote", remote}});
}

void PutWebhook(ApiContext& api, Webhooks& webhooks, std::string name, Request&& request, Reply reply) {
  const auto body = JsonBody::Parse(request.body, kMembers);
  if (!body) return reply(BodyProblem(body.error()));
  auto webhook = WebhookOf(api, *body);
  if (!webhook) return reply(Problem(422, webhook.error()));
  webhook->by = request.token;
  webhooks.Put(name, std::move(*webhook), request.remote,
               [&webhooks, name, by = request.token, remote = request.remote,
                reply = std::move(reply)](std::expected<bool, Error> is_new) mutable {
                 if (!is_new) return reply(SubmitProblem(is_new.error()));
                 LogChange("webhook", name, by, remote);
                 reply(OneWebhook(*is_new ? 201 : 200, name, webhooks));
               });
}

void AnyWebhook(ApiContext& api, Request&& request, Reply reply) {
  Webhooks& webhooks = *api.webhooks();
  std::string name(request.PathParam("name"));
  if (!IsName(name)) {
    return reply(
        Problem(422, "bad_name", "A name has at most 64 letters, digits, dots, dashes and underscores.", "name"));
  }
  if (request.method == Method::kGet) return reply(OneWebhook(200, name, webhooks));
  if (request.method == Method::kPut)
    return PutWebhook(api, webhooks, std::move(name), std::move(request), std::move(reply));
  webhooks.Remove(name, request.token, request.remote,
                  [name, by = request.token, remote = request.remote,
                   reply = std::move(reply)](std::expected<void, Error> done) mutable {
                    if (!done) return reply(SubmitProblem(done.error()));
                    LogChange("unwebhook", name, by, remote);
                    Response response;
                    response.status = 204;
                    reply(std::move(response));
                  });
}

void ListWebhooks(ApiContext& api, Reply reply) {
  JsonWriter json;
  json.BeginObject();
  json.Key("webhooks");
  json.BeginArray();
  for (const auto& [name, state] : api.webhooks()->All()) WriteWebhook(name, state, json);
  json.EndArray();
  json.EndObject();
  reply(JsonResponse(200, json.Take()));
}

void ListDead(ApiContext& api, Pipeline& pipeline, Request&& request, Reply reply) {
  const std::string name(request.PathParam("name"));
  if (!api.webhooks()->Find(name)) return reply(NotFound());
  const auto since = SeqParam(request, "since");
  if (!since) return reply(Problem(400, since.error()));
  const auto limit = CountParam(request, "limit", 100, kDeadMax);
  if (!limit) return reply(Problem(400, limit.error()));
  const auto dead = pipeline.store().webhooks().Dead(name, since->value_or(0), *limit);
  if (!dead) return reply(Problem(503, dead.error()));
  JsonWriter json;
  json.BeginObject();
  json.Key("dead");
  json.BeginArray();
  for (const DeadLetter& letter : *dead) {
    json.BeginObject();
    json.Field("seq", letter.seq);
    json.Field("time", letter.at);
    json.Field("attempts", letter.attempts);
    json.Field("reason", letter.reason);
    json.Key("event");
    const auto event = pipeline.store().events().ReadRange(letter.seq, letter.seq);
    if (event && !event->empty()) {
      json.Raw(EventToJson(event->front(), pipeline.store().epoch()));
    } else {
      json.Null();
    }
    json.EndObject();
  }
  json.EndArray();
  json.Field("next", dead->empty() ? since->value_or(0) : dead->back().seq);
  json.EndObject();
  reply(JsonResponse(200, json.Take()));
}

}  // namespace

void AddWebhooksRoutes(ApiContext& api, std::vector<Route>& routes) {
  const auto add = [&](Method method, std::string pattern, std::vector<QueryParamRule> query,
                       std::function<void(Pipeline&, Request&&, Reply)> handler) {
    routes.push_back({.method = method,
                      .pattern = std::move(pattern),
                      .role = Role::kAdmin,
                      .query = std::move(query),
                      .body = method == Method::kPut ? BodyRule::kRequired : BodyRule::kNone,
                      .handler = WithPipeline(api, std::move(handler)),
                      .websocket = {}});
  };
  add(Method::kGet, "/v1/webhooks", {},
      [&api](Pipeline&, Request&&, Reply reply) { ListWebhooks(api, std::move(reply)); });
  add(Method::kGet, "/v1/webhooks/{name}/dead", {{"since"}, {"limit"}},
      [&api](Pipeline& pipeline, Request&& request, Reply reply) {
        ListDead(api, pipeline, std::move(request), std::move(reply));
      });
  for (const Method method : {Method::kGet, Method::kPut, Method::kDelete}) {
    add(method, "/v1/webhooks/{name}", {},
        [&api](Pipeline&, Request&& request, Reply reply) { AnyWebhook(api, std::move(request), std::move(reply)); });
  }
}

}  // namespace tagswell
