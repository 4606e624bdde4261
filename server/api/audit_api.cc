#include "server/api/audit_api.h"

#include <utility>

#include "proto/json_writer.h"
#include "server/api/parameters.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

constexpr std::size_t kPageMax = 1000;

void WriteEntry(const AuditLog::Numbered& numbered, JsonWriter& json) {
  const AuditEntry& entry = numbered.entry;
  json.BeginObject();
  json.Field("seq", numbered.seq);
  json.Field("time", entry.at);
  json.Field("role", entry.remote.empty() ? "configuration" : "admin");
  json.FieldOrNull("by", entry.by);
  json.FieldOrNull("remote", entry.remote);
  json.Field("action", entry.action);
  json.Field("subject", entry.subject);
  json.Key("detail");
  if (entry.detail.empty()) {
    json.Null();
  } else {
    json.Raw(entry.detail);
  }
  json.EndObject();
}

void GetAudit(Pipeline& pipeline, Request&& request, Reply reply) {
  const auto since = SeqParam(request, "since");
  if (!since) return reply(Problem(400, since.error()));
  const auto limit = CountParam(request, "limit", 100, kPageMax);
  if (!limit) return reply(Problem(400, limit.error()));
  const auto entries = pipeline.store().audit().Read(since->value_or(0), *limit);
  if (!entries) return reply(Problem(503, entries.error()));
  JsonWriter json;
  json.BeginObject();
  json.Key("entries");
  json.BeginArray();
  for (const AuditLog::Numbered& entry : *entries) WriteEntry(entry, json);
  json.EndArray();
  json.Field("next", entries->empty() ? since->value_or(0) : entries->back().seq);
  json.EndObject();
  reply(JsonResponse(200, json.Take()));
}

}  // namespace

void AddAuditRoute(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back({.method = Method::kGet,
                    .pattern = "/v1/audit",
                    .role = Role::kAdmin,
                    .query = {{"since"}, {"limit"}},
                    .handler = WithPipeline(api, GetAudit),
                    .websocket = {}});
}

}  // namespace tagswell
