#include "server/api/fediverse_api.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "proto/json_writer.h"
#include "server/api/fasp_api.h"
#include "server/api/parameters.h"
#include "server/net/problem.h"
#include "server/net/target.h"

namespace tagswell {
namespace {

constexpr std::size_t kTagsMax = 20;  // Mastodon's own bound; a larger limit is taken as this one
constexpr std::size_t kTrendsMax = 1'000;
constexpr int kDays = 7;
constexpr int kDayMinutes = 24 * 60;

constexpr std::size_t kHashtagsMax = 100;
constexpr std::size_t kHoursMax = 168;
constexpr std::size_t kExamples = 3;
constexpr std::size_t kExamplesReadMax = 30;  // the newest posts, among which the examples are looked for
constexpr std::size_t kEventsPage = 1'000;

Response Refuse(const Error& error) {
  if (error.code == "overloaded" || error.code == "draining") return SubmitProblem(error);
  return Problem(error.code == "bad_parameter" ? 400 : 503, error);
}

// What trends in `scope` now, and how it is called.
struct Hashtag {
  std::string topic;
  std::string display;
  double score = 0;
};

std::vector<Hashtag> RunningIn(const Engine& engine, const std::string& scope, std::size_t limit) {
  std::vector<Hashtag> running;
  const auto id = engine.FindScope(scope);
  if (!id) return running;
  for (TrendRow& row : engine.Trends(*id, limit)) {
    running.push_back({std::move(row.state.topic), std::move(row.state.display), row.state.score});
  }
  return running;
}

// --- Mastodon

struct TagsQuery {
  std::string scope;
  std::size_t limit = 0;
  std::size_t offset = 0;
  std::string address;    // of our page, to be followed by a topic
  std::string of_stream;  // and this
};

// Whole days in UTC, today first; days without a post are there, too.
std::expected<void, Error> WriteDays(Store& store, const Hashtag& tag, std::string_view scope, Minute end,
                                     JsonWriter& json) {
  const int today = static_cast<int>(end - 1) / kDayMinutes;
  const Minute first{(today - kDays + 1) * kDayMinutes};
  const auto groups = store.groups();
  const auto steps = store.history().Steps(groups->KeyOf(tag.topic), scope, first, end, kDayMinutes);
  if (!steps) return std::unexpected(steps.error());
  json.Key("history");
  json.BeginArray();
  for (int day = today; day > today - kDays; --day) {
    const Timestamp at = StartOf(Minute{day * kDayMinutes});
    const auto step = std::ranges::find(*steps, at, &HistoryStep::at);
    const bool is_known = step != steps->end();
    json.BeginObject();
    json.Field("day", std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count()));
    json.Field("uses", std::to_string(is_known ? step->posts : 0));
    json.Field("accounts", std::to_string(is_known ? step->authors : 0));
    json.EndObject();
  }
  json.EndArray();
  return {};
}

Response Tags(Store& store, const std::vector<Hashtag>& running, const TagsQuery& query, Minute end) {
  JsonWriter json;
  json.BeginArray();
  for (std::size_t i = query.offset; i < std::min(running.size(), query.offset + query.limit); ++i) {
    json.BeginObject();
    json.Field("name", running[i].display);
    json.Field("url", query.address + PercentEncode(running[i].topic) + query.of_stream);
    if (auto written = WriteDays(store, running[i], query.scope, end, json); !written) return Refuse(written.error());
    json.EndObject();
  }
  json.EndArray();
  return JsonResponse(200, json.Take());
}

void GetTags(ApiContext& api, Pipeline& pipeline, Request&& request, Reply reply) {
  auto scope = ScopeParam(request);
  if (!scope) return reply(Refuse(scope.error()));
  const auto limit = CountParam(request, "limit", 10, kTrendsMax);
  if (!limit) return reply(Refuse(limit.error()));
  const auto offset = CountParam(request, "offset", 0, kTrendsMax, 0);
  if (!offset) return reply(Refuse(offset.error()));
  const std::string_view protocol = api.config().tls_certificate.empty() ? "http://" : "https://";
  TagsQuery query{.scope = std::move(*scope),
                  .limit = std::min(*limit, kTagsMax),
                  .offset = *offset,
                  .address = std::string(protocol) + request.host + "/#/topic/",
                  .of_stream = api.stream() == kDefaultStream ? "" : "?stream=" + api.stream()};
  pipeline.Ask([&pipeline, query = std::move(query), reply = std::move(reply)](const Engine& engine) mutable {
    auto running = RunningIn(engine, query.scope, query.offset + query.limit);
    pipeline.ReadAtLength([&pipeline, query = std::move(query), running = std::move(running), end = engine.TopEnd(),
                           reply = std::move(reply)](std::expected<void, Error> turn) mutable {
      if (!turn) return reply(Refuse(turn.error()));
      reply(Tags(pipeline.store(), running, query, end));
    });
  });
}

// --- FASP

struct HashtagsQuery {
  std::string scope;
  std::string lang;  // empty: any
  std::size_t limit = 0;
  std::chrono::hours within{0};
};

// The scope of a language range. Posts are known by the first subtag of theirs, so the rest of a range says nothing.
std::expected<std::string, Error> LanguageParam(const Request& request) {
  const std::string_view range = request.QueryParam("language").value_or("");
  std::string lang(range.substr(0, range.find('-')));
  if (lang.empty() || lang == "*") return std::string();
  std::ranges::transform(lang, lang.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (IsScope("lang:" + lang)) return lang;
  return std::unexpected(Error{"bad_parameter", "language must be a language tag such as fr or pt-BR.", "language"});
}

// What trended in the scope after `from`: for each topic its highest score. A trend that was taken back is none.
std::expected<std::vector<Hashtag>, Error> TrendedSince(const EventLog& events, std::string_view scope, Timestamp from,
                                                        std::vector<Hashtag> running) {
  std::map<std::string, Hashtag> trends;  // by trend
  auto since = events.SeqAt(from);
  if (!since) return std::unexpected(since.error());
  while (true) {
    auto page = events.Read(*since, kEventsPage);
    if (!page) return std::unexpected(page.error());
    if (page->empty()) break;
    since = page->back().seq;
    for (TrendEvent& event : *page) {
      if (event.scope != scope) continue;
      if (event.type == TrendEventType::kRetracted) {
        trends.erase(event.trend);
        continue;
      }
      Hashtag& hashtag = trends[event.trend];
      hashtag = {std::move(event.topic), std::move(event.display), std::max(hashtag.score, event.score)};
    }
  }
  std::map<std::string, Hashtag> best;  // by topic
  const auto take = [&best](Hashtag hashtag) {
    Hashtag& known = best[hashtag.topic];
    if (known.topic.empty() || known.score < hashtag.score) known = std::move(hashtag);
  };
  for (auto& [trend, hashtag] : trends) take(std::move(hashtag));
  for (Hashtag& hashtag : running) take(std::move(hashtag));
  std::vector<Hashtag> found;
  for (auto& [topic, hashtag] : best) found.push_back(std::move(hashtag));
  std::ranges::sort(found, [](const Hashtag& a, const Hashtag& b) {
    return a.score != b.score ? a.score > b.score : a.topic < b.topic;
  });
  return found;
}

// Posts whose id is the URI of an object: those that came as ActivityStreams.
std::expected<void, Error> WriteExamples(Store& store, const Hashtag& hashtag, std::string_view lang,
                                         JsonWriter& json) {
  const auto groups = store.groups();
  const auto posts = store.log().PostsOf(groups->KeyOf(hashtag.topic), std::nullopt, kExamplesReadMax);
  if (!posts) return std::unexpected(posts.error());
  json.Key("examples");
  json.BeginArray();
  std::size_t told = 0;
  for (const StoredPost& stored : *posts) {
    const Post& post = stored.record.post;
    const bool is_uri = post.id.starts_with("https://") || post.id.starts_with("http://");
    if (!is_uri || post.kind == PostKind::kRepost || (!lang.empty() && post.lang != lang)) continue;
    json.Value(post.id);
    if (++told == kExamples) break;
  }
  json.EndArray();
  return {};
}

Response Hashtags(Pipeline& pipeline, const std::vector<Hashtag>& found, const HashtagsQuery& query) {
  JsonWriter json;
  json.BeginObject();
  json.Key("hashtags");
  json.BeginArray();
  std::size_t told = 0;
  for (const Hashtag& hashtag : found) {
    if (told == query.limit) break;
    // Since it trended it was blocked, or may not be shown any more.
    if (pipeline.blocks().Find(hashtag.topic)) continue;
    if (pipeline.reviews().StateOf(hashtag.topic) != ReviewState::kShown) continue;
    ++told;
    json.BeginObject();
    json.Field("name", "#" + hashtag.display);
    json.Field("rank", FaspRank(hashtag.score));
    auto written = WriteExamples(pipeline.store(), hashtag, query.lang, json);
    if (!written) return Refuse(written.error());
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return JsonResponse(200, json.Take());
}

std::expected<HashtagsQuery, Error> HashtagsQueryOf(const Request& request) {
  const auto hours = CountParam(request, "withinLastHours", 24, kHoursMax);
  if (!hours) return std::unexpected(hours.error());
  const auto count = CountParam(request, "maxCount", 20, kTrendsMax);
  if (!count) return std::unexpected(count.error());
  auto lang = LanguageParam(request);
  if (!lang) return std::unexpected(lang.error());
  return HashtagsQuery{.scope = lang->empty() ? "world" : "lang:" + *lang,
                       .lang = std::move(*lang),
                       .limit = std::min(*count, kHashtagsMax),
                       .within = std::chrono::hours(*hours)};
}

// Posts and links are not ranked here: a server that asks for all three lists gets two that are empty.
void GetNothing(const char* name, const Request& request, Reply reply) {
  const auto query = HashtagsQueryOf(request);
  reply(query ? JsonResponse(200, std::string("{\"") + name + "\":[]}") : Refuse(query.error()));
}

void GetHashtags(Pipeline& pipeline, Request&& request, Reply reply) {
  auto asked = HashtagsQueryOf(request);
  if (!asked) return reply(Refuse(asked.error()));
  pipeline.Ask([&pipeline, query = std::move(*asked), reply = std::move(reply)](const Engine& engine) mutable {
    auto running = RunningIn(engine, query.scope, kTrendsMax);
    const Timestamp from = engine.Stats().engine_time - query.within;
    pipeline.ReadAtLength([&pipeline, query = std::move(query), running = std::move(running), from,
                           reply = std::move(reply)](std::expected<void, Error> turn) mutable {
      if (!turn) return reply(Refuse(turn.error()));
      const auto found = TrendedSince(pipeline.store().events(), query.scope, from, std::move(running));
      reply(found ? Hashtags(pipeline, *found, query) : Refuse(found.error()));
    });
  });
}

}  // namespace

int FaspRank(double score) {
  return std::clamp(static_cast<int>(std::lround(100 * score / (1 + score))), 1, 100);
}

void AddFediverseRoutes(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back({.method = Method::kGet,
                    .pattern = "/api/v1/trends/tags",
                    .role = Role::kRead,
                    .query = {{"scope"}, {"limit"}, {"offset"}},
                    .handler = WithPipeline(api,
                                            [&api](Pipeline& pipeline, Request&& request, Reply reply) {
                                              GetTags(api, pipeline, std::move(request), std::move(reply));
                                            }),
                    .websocket = {}});
  const auto add = [&](std::string pattern, std::function<void(Pipeline&, Request&&, Reply)> handler) {
    Route route{
        .pattern = std::move(pattern), .role = Role::kRead, .query = {{"withinLastHours"}, {"maxCount"}, {"language"}}};
    routes.push_back(SignableRoute(
        api, std::move(route),
        [handler = std::move(handler)](Pipeline& pipeline, Request&& request, Reply reply, const Fasp::Signer* signer) {
          if (signer != nullptr && !signer->server.trends) {
            return reply(Problem(403, "not_activated", "The server did not activate the capability trends."));
          }
          handler(pipeline, std::move(request), std::move(reply));
        }));
  };
  add("/trends/v0/hashtags", GetHashtags);
  for (const char* name : {"content", "links"}) {
    add(std::string("/trends/v0/") + name,
        [name](Pipeline&, Request&& request, Reply reply) { GetNothing(name, request, std::move(reply)); });
  }
}

}  // namespace tagswell
