#include "server/api/reviews_api.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "server/api/json_body.h"
#include "server/api/parameters.h"
#include "server/api/trend_rows.h"
#include "server/logging.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

constexpr std::size_t kPageMax = 1'000;
constexpr JsonBody::Member kMembers[] = {{"state"}};

std::string_view StateName(const TopicReview& review) {
  return review.approved ? "approved" : "rejected";
}

void WriteDecided(std::string_view topic, const TopicReview& review, const History& history, JsonWriter& json) {
  json.BeginObject();
  json.Field("topic", topic);
  json.Field("display", history.Display(topic));
  json.Field("state", StateName(review));
  json.Field("since", review.since);
  if (review.by.empty()) {
    json.NullField("by");
  } else {
    json.Field("by", review.by);
  }
  json.Key("trends");
  json.BeginArray();
  json.EndArray();
  json.EndObject();
}

// One topic that waits; `rows` are its trends, at least one.
struct Waiting {
  std::string topic;
  std::vector<TrendRow> rows;
};

// Those that stand out most first.
std::vector<Waiting> WaitingIn(const Engine& engine) {
  std::vector<Waiting> waiting;
  for (TrendRow& row : engine.Waiting()) {
    const std::string topic = row.state.topic;
    auto known = std::ranges::find(waiting, topic, &Waiting::topic);
    if (known == waiting.end()) known = waiting.insert(waiting.end(), {topic, {}});
    known->rows.push_back(std::move(row));
  }
  return waiting;
}

void WriteWaiting(const Waiting& waiting, JsonWriter& json) {
  json.BeginObject();
  json.Field("topic", waiting.topic);
  json.Field("display", waiting.rows.front().state.display);
  json.Field("state", "waiting");
  json.NullField("since");
  json.NullField("by");
  json.Key("trends");
  json.BeginArray();
  for (const TrendRow& row : waiting.rows) WriteTrendRow(row, json);
  json.EndArray();
  json.EndObject();
}

// {"required":…,"reviews":[…],"next":…}
Response Page(bool required, std::optional<std::string_view> next, const std::function<void(JsonWriter&)>& reviews) {
  JsonWriter json;
  json.BeginObject();
  json.Field("required", required);
  json.Key("reviews");
  json.BeginArray();
  reviews(json);
  json.EndArray();
  if (next) {
    json.Field("next", *next);
  } else {
    json.NullField("next");
  }
  json.EndObject();
  return JsonResponse(200, json.Take());
}

void ListWaiting(Pipeline& pipeline, std::size_t limit, Reply reply) {
  pipeline.Ask([&pipeline, limit, reply = std::move(reply)](const Engine& engine) mutable {
    const std::vector<Waiting> waiting = WaitingIn(engine);
    reply(Page(pipeline.reviews().required(), std::nullopt, [&](JsonWriter& json) {
      for (std::size_t i = 0; i < std::min(limit, waiting.size()); ++i) WriteWaiting(waiting[i], json);
    }));
  });
}

void ListReviews(Pipeline& pipeline, Request&& request, Reply reply) {
  const auto state = ChoiceParam(request, "state", {"waiting", "approved", "rejected"});
  if (!state) return reply(Problem(400, state.error()));
  const auto limit = CountParam(request, "limit", 100, kPageMax);
  if (!limit) return reply(Problem(400, limit.error()));
  const auto after = request.QueryParam("after");
  if (*state == "waiting") {
    if (after)
      return reply(Problem(400, "bad_parameter", "What waits is one page: after is for what is decided.", "after"));
    return ListWaiting(pipeline, *limit, std::move(reply));
  }
  const auto page = pipeline.reviews().Page(*state == "approved", after.value_or(""), *limit);
  const auto next = page.size() == *limit ? std::optional<std::string_view>(page.back().first) : std::nullopt;
  reply(Page(pipeline.reviews().required(), next, [&](JsonWriter& json) {
    for (const auto& [topic, review] : page) WriteDecided(topic, review, pipeline.store().history(), json);
  }));
}

Response DecidedResponse(int status, std::string_view topic, const TopicReview& review, Pipeline& pipeline) {
  JsonWriter json;
  WriteDecided(topic, review, pipeline.store().history(), json);
  return JsonResponse(status, json.Take());
}

void GetReview(Pipeline& pipeline, std::string topic, Reply reply) {
  if (const auto review = pipeline.reviews().Find(topic)) return reply(DecidedResponse(200, topic, *review, pipeline));
  pipeline.Ask([topic = std::move(topic), reply = std::move(reply)](const Engine& engine) mutable {
    const std::vector<Waiting> waiting = WaitingIn(engine);
    const auto found = std::ranges::find(waiting, topic, &Waiting::topic);
    if (found == waiting.end())
      return reply(Problem(404, "not_found", "Nothing was decided about this topic, and it does not wait."));
    JsonWriter json;
    WriteWaiting(*found, json);
    reply(JsonResponse(200, json.Take()));
  });
}

void ChangeReview(Pipeline& pipeline, ReviewCall call, Reply reply) {
  pipeline.ChangeReview(
      call, [&pipeline, call, reply = std::move(reply)](std::expected<ReviewAnswer, Error> done) mutable {
        if (!done) return reply(SubmitProblem(done.error()));
        if (done->changed) {
          Log(LogLevel::kInfo, "admin",
              {{"action", !call.approve   ? "unreview"
                          : *call.approve ? "approve"
                                          : "reject"},
               {"topic", call.topic},
               {"by", call.by},
               {"remote", call.remote}});
        }
        if (call.approve) return reply(DecidedResponse(done->created ? 201 : 200, call.topic, done->review, pipeline));
        Response response;
        response.status = 204;
        reply(std::move(response));
      });
}

void OneReview(ApiContext& api, Pipeline& pipeline, Request&& request, Reply reply) {
  auto topic = TopicParam(api, request, "topic");
  if (!topic) return reply(std::move(topic.error()));
  topic = pipeline.aliases().TopicOf(*topic);
  if (request.method == Method::kGet) return GetReview(pipeline, std::move(*topic), std::move(reply));
  ReviewCall call{.topic = std::move(*topic),
                  .approve = std::nullopt,
                  .by = std::move(request.token),
                  .remote = std::move(request.remote)};
  if (request.method == Method::kPut) {
    const auto body = JsonBody::Parse(request.body, kMembers);
    if (!body) return reply(BodyProblem(body.error()));
    const std::string& state = body->Text("state");
    if (state != "approved" && state != "rejected")
      return reply(Problem(422, "bad_body", "state must be approved or rejected.", "state"));
    call.approve = state == "approved";
  }
  ChangeReview(pipeline, std::move(call), std::move(reply));
}

}  // namespace

void AddReviewsRoutes(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back({.method = Method::kGet,
                    .pattern = "/v1/reviews",
                    .role = Role::kAdmin,
                    .query = {{"state"}, {"limit"}, {"after"}},
                    .handler = WithPipeline(api, ListReviews),
                    .websocket = {}});
  for (const Method method : {Method::kGet, Method::kPut, Method::kDelete}) {
    routes.push_back({.method = method,
                      .pattern = "/v1/reviews/{topic}",
                      .role = Role::kAdmin,
                      .query = {},
                      .body = method == Method::kPut ? BodyRule::kRequired : BodyRule::kNone,
                      .handler = WithPipeline(api,
                                              [&api](Pipeline& pipeline, Request&& request, Reply reply) {
                                                OneReview(api, pipeline, std::move(request), std::move(reply));
                                              }),
                      .websocket = {}});
  }
}

}  // namespace tagswell
