#include "server/api/events_api.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "server/api/parameters.h"
#include "server/api/trend_rows.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

constexpr std::size_t kPageMax = 1000;
constexpr std::size_t kChosenPage = 200;  // each costs lookups
constexpr std::size_t kHelloBoardMax = 50;

std::expected<EventFilter, Error> FilterOf(const Request& request, const ApiContext& api, const TopicAliases& aliases) {
  EventFilter filter{.scopes = RepeatedParam(request, "scope"), .topics = {}, .types = {}};
  for (const std::string& scope : filter.scopes) {
    if (!IsScope(scope))
      return std::unexpected(
          Error{"bad_parameter", "scope must be world, country:XX, lang:xx or source:name.", "scope"});
  }
  for (const std::string& tag : RepeatedParam(request, "topic"))
    filter.topics.push_back(aliases.TopicOf(api.TopicOf(tag)));
  for (const std::string& name : RepeatedParam(request, "type")) {
    const auto type = TrendEventTypeFromName(name);
    if (!type)
      return std::unexpected(
          Error{"bad_parameter", "type must be started, rank, milestone, peaked, ended or retracted.", "type"});
    filter.types.push_back(*type);
  }
  return filter;
}

// A cursor that the log cannot go on from.
Response CursorGone(const EventLog& events, const std::string& epoch) {
  JsonWriter json;
  json.BeginObject();
  json.Field("type", "about:blank");
  json.Field("title", StatusTitle(410));
  json.Field("status", 410U);
  json.Field("code", "cursor_gone");
  json.Field("detail", "The event log does not reach back (or forward) to this cursor, or it is of another epoch.");
  json.Field("epoch", epoch);
  json.Field("oldest", events.OldestSeq() == 0 ? 0 : events.OldestSeq() - 1);
  json.Field("newest", events.LastSeq());
  json.EndObject();
  Response response;
  response.status = 410;
  response.content_type = "application/problem+json";
  response.body = json.Take();
  return response;
}

// The event after which the client wants to go on; nothing: from now. Last-Event-ID is the cursor of an event stream.
std::expected<std::optional<std::uint64_t>, Response> CursorOf(const Request& request, Store& store) {
  auto since = SeqParam(request, "since");
  if (!since) return std::unexpected(Problem(400, since.error()));
  if (const std::string_view last = request.Header("last-event-id"); !last.empty() && !*since) {
    std::uint64_t seq = 0;
    if (std::from_chars(last.data(), last.data() + last.size(), seq).ptr != last.data() + last.size()) {
      return std::unexpected(
          Problem(400, "bad_parameter", "Last-Event-ID must be a sequence number.", "Last-Event-ID"));
    }
    *since = seq;
  }
  const auto epoch = request.QueryParam("epoch");
  if (epoch && *epoch != store.epoch()) return std::unexpected(CursorGone(store.events(), store.epoch()));
  if (!*since) return std::nullopt;
  const std::uint64_t oldest = store.events().OldestSeq();
  const bool too_old = oldest > 0 && **since + 1 < oldest;
  if (too_old || **since > store.events().LastSeq()) return std::unexpected(CursorGone(store.events(), store.epoch()));
  return *since;
}

// A subscriber: it gets hello (WebSocket) or the id of its cursor (event stream), then every event after its cursor.
class Subscriber final : public WebSocketHandler {
 public:
  Subscriber(ApiContext& api, EventFilter filter, EventEncoding encoding, std::optional<std::uint64_t> since)
      : api_(api), filter_(std::move(filter)), encoding_(encoding), since_(since) {}

  void OnOpen(std::shared_ptr<Mailbox> mailbox) override {
    Pipeline* pipeline = api_.pipeline();
    if (pipeline == nullptr) return mailbox->Close(CloseCode::kGoingAway, "server is shutting down");
    // On the engine's thread the board, its seq and the cursor are of one moment.
    pipeline->Ask([pipeline, mailbox = std::move(mailbox), filter = std::move(filter_), encoding = encoding_,
                   since = since_, now = api_.clock().Now()](const Engine& engine) mutable {
      const std::uint64_t seq = engine.next_seq() - 1;
      mailbox->Send(encoding == EventEncoding::kEventStream
                        ? Cursor(since.value_or(seq))
                        : Hello(engine, pipeline->store().epoch(), seq, now, filter));
      pipeline->hub().Add({.mailbox = std::move(mailbox),
                           .filter = std::move(filter),
                           .encoding = encoding,
                           .after_seq = since.value_or(seq)});
    });
  }

  // Nothing is expected of a subscriber.
  void OnMessage(std::string&&, bool) override {}
  void OnClose() override {}

 private:
  // An event without data is none, but its id is kept: a client that loses the connection before the first event comes
  // misses nothing.
  static Frame Cursor(std::uint64_t seq) {
    return std::make_shared<const std::string>("id: " + std::to_string(seq) + "\n\n");
  }

  static Frame Hello(const Engine& engine, const std::string& epoch, std::uint64_t seq, Timestamp now,
                     const EventFilter& filter) {
    JsonWriter json;
    json.BeginObject();
    json.Field("type", "hello");
    json.Field("epoch", epoch);
    json.Field("seq", seq);
    json.Field("server_time", now);
    json.Key("board");
    json.BeginArray();
    std::vector<std::string> scopes = filter.scopes;
    if (scopes.empty()) scopes.emplace_back("world");
    for (const std::string& scope : scopes) {
      const auto id = engine.FindScope(scope);
      if (!id) continue;
      for (const TrendRow& row : engine.Trends(*id, kHelloBoardMax)) WriteTrendRow(row, json);
    }
    json.EndArray();
    json.EndObject();
    return std::make_shared<const std::string>(json.Take());
  }

  ApiContext& api_;
  EventFilter filter_;
  EventEncoding encoding_;
  std::optional<std::uint64_t> since_;
};

void Page(Store& store, const EventFilter& filter, std::uint64_t since, std::size_t limit, Reply reply) {
  JsonWriter json;
  json.BeginObject();
  json.Field("epoch", store.epoch());
  json.Key("events");
  json.BeginArray();
  std::size_t written = 0;
  const EventLog::Choice choice{.topics = filter.topics, .scopes = filter.scopes, .types = filter.types};
  while (written < limit) {
    const std::uint64_t last = store.events().LastSeq();
    const auto events = store.events().ReadChosen(choice, since, std::min(limit - written, kChosenPage));
    if (!events) return reply(Problem(503, events.error()));
    if (events->empty()) {
      since = std::max(since, last);  // none of them up to there
      break;
    }
    for (const TrendEvent& event : *events) {
      since = event.seq;
      json.Raw(EventToJson(event, store.epoch()));
      ++written;
    }
  }
  json.EndArray();
  json.Field("next", since);
  json.Field("last", store.events().LastSeq());
  json.EndObject();
  reply(JsonResponse(200, json.Take()));
}

void Events(ApiContext& api, Pipeline& pipeline, Request&& request, Reply reply) {
  auto filter = FilterOf(request, api, pipeline.aliases());
  if (!filter) return reply(Problem(400, filter.error()));
  auto cursor = CursorOf(request, pipeline.store());
  if (!cursor) return reply(std::move(cursor.error()));
  if (request.Header("accept").find("text/event-stream") != std::string_view::npos) {
    Response response;
    response.content_type = "text/event-stream";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.stream = std::make_shared<Subscriber>(api, std::move(*filter), EventEncoding::kEventStream, *cursor);
    return reply(std::move(response));
  }
  const auto limit = CountParam(request, "limit", 100, kPageMax);
  if (!limit) return reply(Problem(400, limit.error()));
  const std::uint64_t oldest = pipeline.store().events().OldestSeq();
  Page(pipeline.store(), *filter, cursor->value_or(oldest == 0 ? 0 : oldest - 1), *limit, std::move(reply));
}

std::expected<std::unique_ptr<WebSocketHandler>, Response> Upgrade(ApiContext& api, const Request& request) {
  Pipeline* pipeline = api.pipeline();
  if (pipeline == nullptr) return std::unexpected(api.NotReady());
  auto filter = FilterOf(request, api, pipeline->aliases());
  if (!filter) return std::unexpected(Problem(400, filter.error()));
  const auto encoding = ChoiceParam(request, "encoding", {"json", "protobuf"});
  if (!encoding) return std::unexpected(Problem(400, encoding.error()));
  auto cursor = CursorOf(request, pipeline->store());
  if (!cursor) return std::unexpected(std::move(cursor.error()));
  return std::make_unique<Subscriber>(
      api, std::move(*filter), *encoding == "protobuf" ? EventEncoding::kProtobuf : EventEncoding::kJson, *cursor);
}

}  // namespace

void AddEventsRoute(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back(
      {.method = Method::kGet,
       .pattern = "/v1/events",
       .role = Role::kRead,
       .query = {{"since"}, {"epoch"}, {"limit"}, {"encoding"}, {"scope", true}, {"topic", true}, {"type", true}},
       .handler =
           WithPipeline(api, [&api](Pipeline& pipeline, Request&& request,
                                    Reply reply) { Events(api, pipeline, std::move(request), std::move(reply)); }),
       .websocket = [&api](const Request& request) { return Upgrade(api, request); }});
}

}  // namespace tagswell
