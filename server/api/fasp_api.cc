#include "server/api/fasp_api.h"

#include <optional>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "server/api/json_body.h"
#include "server/fasp/ed25519.h"
#include "server/fasp/registration.h"
#include "server/fasp/signed_exchange.h"
#include "server/logging.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

constexpr JsonBody::Member kMembers[] = {{"server"}, {"base_url"}};
constexpr std::string_view kCapability = "trends";
constexpr std::string_view kVersion = "0.1";
constexpr std::string_view kMajorVersion = "0";  // which the path of an activation names

Response NotConfigured() {
  return Problem(404, "not_configured", "This server is no provider: its configuration has no fasp_url.");
}

Response NoContent() {
  Response response;
  response.status = 204;
  return response;
}

Response Unauthorized(const Error& error) {
  Response response = Problem(401, error);
  response.headers.emplace_back("WWW-Authenticate", R"(Bearer realm="tagswell")");
  return response;
}

Response Refuse(const Error& error) {
  if (error.code == "already_registered") return Problem(409, error);
  if (error.code == "registration_failed") return Problem(502, error);
  if (error.code == "too_many_servers" || error.code == "bad_url") return Problem(422, error);
  return SubmitProblem(error);
}

// --- what servers ask

void GetProviderInfo(const Fasp& fasp, Reply reply) {
  JsonWriter json;
  json.BeginObject();
  json.Field("name", fasp.options().name);
  json.Key("privacyPolicy");
  json.BeginArray();  // the capability brings nothing about anybody
  json.EndArray();
  json.Key("capabilities");
  json.BeginArray();
  json.BeginObject();
  json.Field("id", kCapability);
  json.Field("version", kVersion);
  json.EndObject();
  json.EndArray();
  json.EndObject();
  reply(JsonResponse(200, json.Take()));
}

void ChangeActivation(Fasp& fasp, const Request& request, Reply reply, const Fasp::Signer* signer) {
  if (signer == nullptr)
    return reply(Unauthorized({"signature_missing", "Only a server that registered may say this.", "Signature-Input"}));
  if (request.PathParam("id") != kCapability || request.PathParam("version") != kMajorVersion)
    return reply(Problem(404, "unknown_capability", "There is trends in version 0, and nothing else."));
  const bool active = request.method == Method::kPost;
  fasp.SetTrends(signer->id, active,
                 [id = signer->id, active, reply = std::move(reply)](std::expected<void, Error> done) mutable {
                   if (!done) return reply(Refuse(done.error()));
                   Log(LogLevel::kInfo, "fasp", {{"server", id}, {"trends", active}});
                   reply(NoContent());
                 });
}

// --- which they are

// Everything but the private key. The fingerprint is what the server's administrator is shown.
void WriteServer(std::string_view id, const FaspServer& server, JsonWriter& json) {
  json.BeginObject();
  json.Field("id", id);
  json.Field("server", server.url);
  json.Field("base_url", server.base_url);
  json.Field("fingerprint", KeyFingerprint(Ed25519PublicKey(server.private_key)));
  json.FieldOrNull("completion_url", server.completion_url);
  json.Key("capabilities");
  json.BeginArray();
  if (server.trends) json.Value(kCapability);
  json.EndArray();
  json.Field("since", server.since);
  json.FieldOrNull("by", server.by);
  json.EndObject();
}

void ListServers(const Fasp& fasp, Reply reply) {
  JsonWriter json;
  json.BeginObject();
  json.Key("servers");
  json.BeginArray();
  for (const auto& [id, server] : fasp.All()) WriteServer(id, server, json);
  json.EndArray();
  json.EndObject();
  reply(JsonResponse(200, json.Take()));
}

Response OneServer(int status, const Fasp& fasp, std::string_view id) {
  const Fasp::Servers all = fasp.All();
  const auto found = all.find(id);
  if (found == all.end()) return Problem(404, "not_found", "There is no such server.");
  JsonWriter json;
  WriteServer(id, found->second, json);
  return JsonResponse(status, json.Take());
}

void LogChange(std::string_view action, const std::string& id, const std::string& by, const std::string& remote) {
  Log(LogLevel::kInfo, "admin", {{"action", action}, {"server", id}, {"by", by}, {"remote", remote}});
}

void Register(Fasp& fasp, Request&& request, Reply reply) {
  const auto body = JsonBody::Parse(request.body, kMembers);
  if (!body) return reply(BodyProblem(body.error()));
  Fasp::Wish wish{
      .url = body->Text("server"), .base_url = body->Text("base_url"), .by = request.token, .remote = request.remote};
  fasp.Register(std::move(wish), [&fasp, by = request.token, remote = request.remote,
                                  reply = std::move(reply)](std::expected<std::string, Error> id) mutable {
    if (!id) return reply(Refuse(id.error()));
    LogChange("fasp", *id, by, remote);
    reply(OneServer(201, fasp, *id));
  });
}

void Remove(Fasp& fasp, Request&& request, Reply reply) {
  const std::string id(request.PathParam("id"));
  fasp.Remove(id, request.token, request.remote,
              [id, by = request.token, remote = request.remote,
               reply = std::move(reply)](std::expected<void, Error> done) mutable {
                if (!done) return reply(Refuse(done.error()));
                LogChange("unfasp", id, by, remote);
                reply(NoContent());
              });
}

}  // namespace

Route SignableRoute(ApiContext& api, Route route, FaspHandler handler) {
  route.signable = !api.config().fasp_url.empty();
  // Whoever says that he signs is let in without a role: his body is read if he is somebody that we know.
  route.admission = [&api](const Request& request) -> std::optional<Response> {
    if (api.pipeline() == nullptr) return api.NotReady();
    if (api.fasp() == nullptr || !IsSigned(request)) return std::nullopt;
    const auto signer = api.fasp()->ClaimedSigner(request);
    return signer ? std::nullopt : std::optional(Unauthorized(signer.error()));
  };
  route.handler =
      WithPipeline(api, [&api, handler = std::move(handler)](Pipeline& pipeline, Request&& request, Reply reply) {
        const Fasp* const fasp = api.fasp();
        if (fasp == nullptr || !IsSigned(request))
          return handler(pipeline, std::move(request), std::move(reply), nullptr);
        const auto signer = fasp->SignerOf(request);
        if (!signer) return reply(Unauthorized(signer.error()));
        handler(pipeline, std::move(request), fasp->Signing(*signer, std::move(reply)), &*signer);
      });
  return route;
}

void AddFaspRoutes(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back(SignableRoute(api, {.pattern = "/provider_info", .role = Role::kRead},
                                 [&api](Pipeline&, Request&&, Reply reply, const Fasp::Signer*) {
                                   if (api.fasp() == nullptr) return reply(NotConfigured());
                                   GetProviderInfo(*api.fasp(), std::move(reply));
                                 }));
  for (const Method method : {Method::kPost, Method::kDelete}) {
    Route route{.method = method,
                .pattern = "/capabilities/{id}/{version}/activation",
                .role = Role::kRead,
                .body = BodyRule::kOptional};
    routes.push_back(SignableRoute(api, std::move(route),
                                   [&api](Pipeline&, Request&& request, Reply reply, const Fasp::Signer* signer) {
                                     if (api.fasp() == nullptr) return reply(NotConfigured());
                                     ChangeActivation(*api.fasp(), request, std::move(reply), signer);
                                   }));
  }
  const auto add = [&](Method method, std::string pattern, std::function<void(Fasp&, Request&&, Reply)> handler) {
    routes.push_back(
        {.method = method,
         .pattern = std::move(pattern),
         .role = Role::kAdmin,
         .body = method == Method::kPost ? BodyRule::kRequired : BodyRule::kNone,
         .handler = WithPipeline(api, [&api, handler = std::move(handler)](Pipeline&, Request&& request, Reply reply) {
           if (api.fasp() == nullptr) return reply(NotConfigured());
           handler(*api.fasp(), std::move(request), std::move(reply));
         })});
  };
  add(Method::kGet, "/v1/fasp", [](Fasp& fasp, Request&&, Reply reply) { ListServers(fasp, std::move(reply)); });
  add(Method::kPost, "/v1/fasp", Register);
  add(Method::kGet, "/v1/fasp/{id}",
      [](Fasp& fasp, Request&& request, Reply reply) { reply(OneServer(200, fasp, request.PathParam("id"))); });
  add(Method::kDelete, "/v1/fasp/{id}", Remove);
}

}  // namespace tagswell
