#include "server/api/read_api.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "server/api/parameters.h"
#include "server/api/shown_post.h"
#include "server/api/trend_rows.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

constexpr std::size_t kTopMax = 1000;
constexpr std::size_t kTrendsMax = 1000;
constexpr int kObservedMinutes = 60;  // the window of a row

Response Refuse(const Error& error) {
  return Problem(error.code == "storage_failed" || error.code == "corrupt_board" ? 503 : 400, error);
}

Response NotKept(std::string_view what) {
  return Problem(410, "not_kept", std::string(what) + " of that time are not kept any more.", "at");
}

template <class Write>
Response TrendsResponse(Timestamp at, std::string_view scope, std::span<const TrendRow> rows, Write write) {
  JsonWriter json;
  json.BeginObject();
  json.Field("at", at);
  json.Field("scope", scope);
  json.Key("trends");
  json.BeginArray();
  for (const TrendRow& row : rows) write(row, json);
  json.EndArray();
  json.EndObject();
  return JsonResponse(200, json.Take());
}

// As they were shown at the end of the last whole minute before `at`, with what was taken back since.
Response PastTrends(const BoardLog& boards, std::string_view scope, Timestamp at, std::size_t limit) {
  const Minute minute = MinuteOf(at);
  if (minute < boards.Start()) return NotKept("The boards");
  auto rows = boards.At(scope, minute);
  if (!rows) return Refuse(rows.error());
  if (rows->size() > limit) rows->resize(limit);
  std::vector<std::uint64_t> taken_back;
  for (const TrendRow& row : *rows) {
    const auto posts = boards.TakenBackSince(scope, row.state.topic, minute - kObservedMinutes, minute);
    if (!posts) return Refuse(posts.error());
    taken_back.push_back(*posts);
  }
  return TrendsResponse(at, scope, *rows, [&](const TrendRow& row, JsonWriter& json) {
    WriteTrendRow(row, json, taken_back[static_cast<std::size_t>(&row - rows->data())]);
  });
}

void GetTrends(Pipeline& pipeline, Request&& request, Reply reply) {
  const auto scope = ScopeParam(request);
  if (!scope) return reply(Refuse(scope.error()));
  const auto limit = CountParam(request, "limit", 20, kTrendsMax);
  if (!limit) return reply(Refuse(limit.error()));
  const auto at = TimeParam(request, "at");
  if (!at) return reply(Refuse(at.error()));
  if (*at && MinuteOf(**at) < pipeline.BoardsUntil()) {
    return reply(PastTrends(pipeline.store().boards(), *scope, **at, *limit));
  }
  pipeline.Ask(
      [at = *at, scope = std::string(*scope), limit = *limit, reply = std::move(reply)](const Engine& engine) mutable {
        const auto id = engine.FindScope(scope);
        const auto rows = id ? engine.Trends(*id, limit) : std::vector<TrendRow>();
        reply(TrendsResponse(at.value_or(engine.Stats().engine_time), scope, rows,
                             [](const TrendRow& row, JsonWriter& json) { WriteTrendRow(row, json); }));
      });
}

// Both kinds of rows, from the engine and from the history, have these four.
// `write_more(row, json)` adds to a row.
template <class Rows, class WriteMore>
Response TopResponse(const Rows& rows, Timestamp at, std::string_view scope, Window window, std::string_view by,
                     WriteMore write_more) {
  JsonWriter json;
  json.BeginObject();
  json.Field("at", at);
  json.Field("scope", scope);
  json.Field("window", Name(window));
  json.Field("by", by);
  json.Key("topics");
  json.BeginArray();
  for (const auto& row : rows) {
    json.BeginObject();
    json.Field("topic", row.topic);
    json.Field("display", row.display);
    json.Field("posts", row.posts);
    json.Field("authors", row.authors);
    write_more(row, json);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return JsonResponse(200, json.Take());
}

void GetTop(Pipeline& pipeline, Request&& request, Reply reply) {
  const auto scope = ScopeParam(request);
  if (!scope) return reply(Refuse(scope.error()));
  const auto window = WindowParam(request, Window::k1h);
  if (!window) return reply(Refuse(window.error()));
  const auto by = ChoiceParam(request, "by", {"posts", "authors"});
  if (!by) return reply(Refuse(by.error()));
  const auto limit = CountParam(request, "limit", 50, kTopMax);
  if (!limit) return reply(Refuse(limit.error()));
  const auto at = TimeParam(request, "at");
  if (!at) return reply(Refuse(at.error()));
  const bool by_authors = *by == "authors";
  if (*at) {
    // Buckets are minutes: the window ends with the last whole one.
    const Minute end = MinuteOf(**at);
    if (end - MinutesOf(*window) < pipeline.store().history().Start()) return reply(NotKept("The counts"));
    const auto groups = pipeline.store().groups();
    const auto rows = pipeline.store().history().Top(
        *scope, end - MinutesOf(*window), end, by_authors ? TopBy::kAuthors : TopBy::kPosts, *limit,
        {.accepts = [&groups](std::string_view key) { return groups->Shows(key); }});
    if (!rows) return reply(Refuse(rows.error()));
    std::optional<Error> failed;
    Response response =
        TopResponse(*rows, StartOf(end), *scope, *window, *by, [&](const TopRow& row, JsonWriter& json) {
          const auto deleted =
              pipeline.store().boards().TakenBackSince(*scope, ShownTopic(row.topic), end - MinutesOf(*window), end);
          if (!deleted) failed = deleted.error();
          if (deleted && *deleted > 0) json.Field("deleted_since", *deleted);
        });
    return reply(failed ? Refuse(*failed) : std::move(response));
  }
  pipeline.Ask([scope = *scope, window = *window, by_authors, limit = *limit,
                reply = std::move(reply)](const Engine& engine) mutable {
    const auto id = engine.FindScope(scope);
    const auto rows = id ? engine.Top(*id, window, by_authors ? TopOrder::kAuthors : TopOrder::kPosts, limit)
                         : std::vector<TopTopic>();
    reply(TopResponse(rows, StartOf(engine.TopEnd()), scope, window, by_authors ? "authors" : "posts",
                      [](const TopTopic&, JsonWriter&) {}));
  });
}

void GetHistory(ApiContext& api, Pipeline& pipeline, Request&& request, Reply reply) {
  constexpr int kStepsMax = 11'000;
  const auto scope = ScopeParam(request);
  if (!scope) return reply(Refuse(scope.error()));
  const auto step = ChoiceParam(request, "step", {"1h", "1m", "5m", "1d"});
  if (!step) return reply(Refuse(step.error()));
  const int minutes = *step == "1m" ? 1 : *step == "5m" ? 5 : *step == "1h" ? 60 : 1440;
  const auto from = TimeParam(request, "from");
  if (!from) return reply(Refuse(from.error()));
  const auto to = TimeParam(request, "to");
  if (!to) return reply(Refuse(to.error()));
  const std::string topic = api.TopicOf(request.PathParam("tag"));
  // Without `to`: up to the newest minute. Without `from`: the day before that.
  const Minute end = *to ? MinuteOf(**to) : pipeline.TopEnd();
  const Minute whole_begin = *from ? MinuteOf(**from) : end - 24 * 60;
  const Minute begin{static_cast<int>(whole_begin) / minutes * minutes};
  if (end < begin) return reply(Problem(400, "bad_parameter", "to must not be before from.", "to"));
  if ((end - begin) / minutes > kStepsMax) {
    return reply(Problem(400, "bad_parameter",
                         "from, to and step ask for more than " + std::to_string(kStepsMax) + " steps.", "step"));
  }
  const auto groups = pipeline.store().groups();
  const std::string_view key = groups->KeyOf(topic);
  const auto steps = pipeline.store().history().Steps(key, *scope, begin, end, minutes);
  if (!steps) return reply(Refuse(steps.error()));
  JsonWriter json;
  json.BeginObject();
  json.Field("topic", ShownTopic(key));
  json.Field("display", pipeline.store().history().Display(key));
  json.Field("scope", *scope);
  json.Field("step", *step);
  json.Field("from", StartOf(begin));
  json.Field("to", StartOf(end));
  json.Key("steps");
  json.BeginArray();
  for (const HistoryStep& of : *steps) {
    json.BeginObject();
    json.Field("time", of.at);
    json.Field("posts", of.posts);
    json.Field("authors", of.authors);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  reply(JsonResponse(200, json.Take()));
}

Response ExplainResponse(const Engine& engine, const std::string& topic, const std::string& scope) {
  const auto id = engine.FindScope(scope);
  const auto explained = id ? engine.Explain(topic, *id) : std::nullopt;
  if (!explained) return Problem(404, "not_found", "Nothing was posted under this tag within a day in this scope.");
  JsonWriter json;
  json.BeginObject();
  json.Field("topic", explained->state.topic);
  json.Field("display", explained->state.display);
  json.Field("scope", scope);
  json.Field("at", explained->state.time);
  json.Field("trending", explained->failed.empty());
  json.Key("failed");
  json.BeginArray();
  for (const std::string_view rule : explained->failed) json.Value(rule);
  json.EndArray();
  if (std::isinf(explained->needed_score)) {
    json.NullField("needed_score");
  } else {
    json.Field("needed_score", explained->needed_score);
  }
  WriteMeasures(explained->state, json);
  WriteExplanation(explained->state.why, json);
  json.EndObject();
  return JsonResponse(200, json.Take());
}

void GetExplanation(ApiContext& api, Pipeline& pipeline, Request&& request, Reply reply) {
  const auto scope = ScopeParam(request);
  if (!scope) return reply(Refuse(scope.error()));
  const auto at = TimeParam(request, "at");
  if (!at) return reply(Refuse(at.error()));
  std::string topic = api.TopicOf(request.PathParam("tag"));
  if (!*at) {
    pipeline.Ask([topic = std::move(topic), scope = std::string(*scope), reply = std::move(reply)](
                     const Engine& engine) mutable { reply(ExplainResponse(engine, topic, scope)); });
    return;
  }
  pipeline.AskAt(
      **at, [topic = std::move(topic), scope = std::string(*scope), reply = std::move(reply)](auto engine) mutable {
        if (engine) return reply(ExplainResponse(engine->get(), topic, scope));
        const std::string& code = engine.error().code;
        const int status = code == "overloaded" ? 429 : code == "too_far_back" ? 422 : code == "not_kept" ? 410 : 503;
        reply(Problem(status, engine.error()));
      });
}

// "BLOCK-INDEX" of the last post of the page before.
std::expected<std::optional<Position>, Error> Cursor(const Request& request) {
  const auto text = request.QueryParam("before");
  if (!text) return std::nullopt;
  const std::size_t dash = text->find('-');
  const Error bad{"bad_parameter", "before must be the cursor of an earlier page.", "before"};
  if (dash == std::string_view::npos) return std::unexpected(bad);
  Position position;
  std::uint64_t block = 0;
  const char* const middle = text->data() + dash;
  const char* const end = text->data() + text->size();
  if (std::from_chars(text->data(), middle, block).ptr != middle) return std::unexpected(bad);
  if (std::from_chars(middle + 1, end, position.index).ptr != end) return std::unexpected(bad);
  position.block = BlockSeq{block};
  return position;
}

void GetTopicPosts(ApiContext& api, Pipeline& pipeline, Request&& request, Reply reply) {
  const auto limit = CountParam(request, "limit", 20, 200);
  if (!limit) return reply(Refuse(limit.error()));
  const auto before = Cursor(request);
  if (!before) return reply(Refuse(before.error()));
  const std::string topic = api.TopicOf(request.PathParam("tag"));
  const auto groups = pipeline.store().groups();
  const std::string_view key = groups->KeyOf(topic);
  const auto posts = pipeline.store().log().PostsOf(key, *before, *limit);
  if (!posts) return reply(Refuse(posts.error()));
  JsonWriter json;
  json.BeginObject();
  json.Field("topic", ShownTopic(key));
  json.Key("posts");
  json.BeginArray();
  for (const StoredPost& post : *posts) json.Raw(ShownPostToJson(post.record.post, *groups));
  json.EndArray();
  if (posts->size() == *limit) {
    const Position last = posts->back().position;
    json.Field("next", std::to_string(static_cast<std::uint64_t>(last.block)) + "-" + std::to_string(last.index));
  } else {
    json.NullField("next");
  }
  json.EndObject();
  reply(JsonResponse(200, json.Take()));
}

// Since when there are posts, counts and boards; null: since the stream began, or there is nothing.
void WriteOldest(Store& store, JsonWriter& json) {
  const auto oldest = store.log().OldestPost();
  const auto write = [&json](std::string_view name, std::optional<Timestamp> since) {
    if (since) return json.Field(name, *since);
    json.NullField(name);
  };
  const auto start_of = [](Minute start) { return start == Minute{0} ? std::nullopt : std::optional(StartOf(start)); };
  write("oldest_post", oldest ? *oldest : std::nullopt);
  write("history_since", start_of(store.history().Start()));
  write("boards_since", start_of(store.boards().Start()));
}

void GetStats(Pipeline& pipeline, Request&&, Reply reply) {
  pipeline.Ask([&pipeline, reply = std::move(reply)](const Engine& engine) mutable {
    const EngineStats stats = engine.Stats();
    const StoreStats disk = pipeline.store().Stats();
    JsonWriter json;
    json.BeginObject();
    json.Field("engine_time", stats.engine_time);
    json.Field("watermark", stats.watermark);
    json.Field("lag_posts", pipeline.lag_posts());
    json.Field("posts", stats.posts);
    json.Field("posts_with_topic", stats.posts_with_topic);
    json.Field("mentions", stats.mentions);
    json.Field("late_posts", stats.late);
    json.Field("topics_seen", stats.topics_seen);
    json.Field("topics_live", stats.topics_live);
    json.Field("topics_watched", stats.topics_watched);
    json.Field("topics_forgotten", stats.topics_forgotten);
    json.Field("mentions_unadmitted", stats.mentions_unadmitted);
    json.Field("trends", stats.trends);
    json.Field("trends_waiting", stats.trends_waiting);
    json.Field("subscribers", pipeline.hub().subscribers());
    json.Field("authors_leaving", pipeline.store().removals().size());
    json.Field("oldest_seq", pipeline.store().events().OldestSeq());
    json.Field("last_seq", pipeline.store().events().LastSeq());
    WriteOldest(pipeline.store(), json);
    json.Field("epoch", pipeline.store().epoch());
    json.Field("memory_bytes", stats.memory_bytes);
    json.Field("disk_bytes", disk.sorted_bytes);
    json.Field("index_bytes", disk.index_bytes);
    json.Key("scopes");
    json.BeginArray();
    for (std::size_t i = 0; i < engine.scopes().scope_count(); ++i)
      json.Value(engine.scopes().Name(ScopeId{static_cast<std::uint16_t>(i)}));
    json.EndArray();
    json.EndObject();
    reply(JsonResponse(200, json.Take()));
  });
}

Route Read(std::string pattern, std::vector<QueryParamRule> query, Handler handler) {
  return {.method = Method::kGet,
          .pattern = std::move(pattern),
          .role = Role::kRead,
          .query = std::move(query),
          .handler = std::move(handler),
          .websocket = {}};
}

}  // namespace

void AddReadRoutes(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back(Read("/v1/trends", {{"scope"}, {"limit"}, {"at"}}, WithPipeline(api, GetTrends)));
  routes.push_back(Read("/v1/top", {{"scope"}, {"window"}, {"by"}, {"limit"}, {"at"}}, WithPipeline(api, GetTop)));
  routes.push_back(Read("/v1/topics/{tag}/history", {{"scope"}, {"from"}, {"to"}, {"step"}},
                        WithPipeline(api, [&api](Pipeline& pipeline, Request&& request, Reply reply) {
                          GetHistory(api, pipeline, std::move(request), std::move(reply));
                        })));
  routes.push_back(Read("/v1/topics/{tag}/explain", {{"scope"}, {"at"}},
                        WithPipeline(api, [&api](Pipeline& pipeline, Request&& request, Reply reply) {
                          GetExplanation(api, pipeline, std::move(request), std::move(reply));
                        })));
  routes.push_back(Read("/v1/topics/{tag}/posts", {{"before"}, {"limit"}},
                        WithPipeline(api, [&api](Pipeline& pipeline, Request&& request, Reply reply) {
                          GetTopicPosts(api, pipeline, std::move(request), std::move(reply));
                        })));
  routes.push_back(Read("/v1/stats", {}, WithPipeline(api, GetStats)));
}

}  // namespace tagswell
