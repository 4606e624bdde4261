#include "server/api/story_api.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "proto/json_writer.h"
#include "proto/post_key.h"
#include "server/api/parameters.h"
#include "server/api/told_stories.h"
#include "server/api/topic_events.h"
#include "server/api/trend_rows.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

void WritePostRef(std::string_view source, std::string_view id, const std::optional<StoredPost>& stored,
                  JsonWriter& json) {
  json.Field("source", source);
  json.Field("id", id);
  if (!stored) return;
  json.Field("author", stored->record.post.author);
  json.Field("created_at", stored->record.post.created_at);
  json.Field("text", stored->record.post.text);
}

// What the engine says of the topic now.
struct Now {
  std::string scope;
  std::vector<TopTopic> windows;
  std::vector<TrendRow> running;
};

class StoryWriter {
 public:
  // Of other topics only those that `is_shown` are named as trends.
  StoryWriter(Store& store, const AliasGroups& groups, std::string topic,
              std::function<bool(std::string_view)> is_shown)
      : store_(store), groups_(groups), topic_(std::move(topic)), is_shown_(std::move(is_shown)) {}

  std::string Write(const ToldStories::Story& story, const TopicEvents& events, const Now& now) {
    const ToldStory& told = *story.told;
    json_.BeginObject();
    json_.Field("topic", topic_);
    json_.Field("display", store_.history().Display(groups_.KeyOf(topic_)));
    json_.Field("scope", now.scope);
    WriteWindows(now.windows);
    json_.Key("trends");
    json_.BeginArray();
    for (const TrendRow& row : now.running) WriteTrendRow(row, json_);
    json_.EndArray();
    WriteEpisodes(events);
    WriteMilestones(events);
    WriteToldFrom(story);
    if (told.first) {
      json_.Key("first_post");
      json_.BeginObject();
      WritePostRef(told.first->source, told.first->id, Stored(told.first->source, told.first->id), json_);
      json_.EndObject();
    }
    WriteOrigin(told);
    WriteCarriers(told);
    WriteArrivals(told);
    WriteSpellings(told);
    WriteRelated(told);
    WriteKin("successors", TopicKin::Kind::kSuccessor, told);
    WriteKin("sisters", TopicKin::Kind::kSister, told);
    json_.EndObject();
    return json_.Take();
  }

 private:
  std::optional<StoredPost> Stored(std::string_view source, std::string_view id) {
    auto found = store_.log().Find(KeyOf(source, id, store_.salt()));
    return found ? std::move(*found) : std::nullopt;
  }

  void WriteTarget(const TopicStory::Target& target) {
    json_.BeginObject();
    WritePostRef(target.source, target.id, Stored(target.source, target.id), json_);
    json_.Field("replies", target.replies);
    json_.Field("reposts", target.reposts);
    json_.EndObject();
  }

  void WriteTargets(std::string_view name, const std::vector<TopicStory::Target>& targets) {
    json_.Key(name);
    json_.BeginArray();
    for (const TopicStory::Target& target : targets) WriteTarget(target);
    json_.EndArray();
  }

  void WriteWindows(const std::vector<TopTopic>& windows) {
    json_.Key("windows");
    json_.BeginObject();
    for (std::size_t i = 0; i < kWindows.size(); ++i) {
      json_.Key(Name(kWindows[i]));
      json_.BeginObject();
      json_.Field("posts", windows.empty() ? 0 : windows[i].posts);
      json_.Field("authors", windows.empty() ? 0 : windows[i].authors);
      json_.EndObject();
    }
    json_.EndObject();
  }

  void WriteEpisodes(const TopicEvents& events) {
    json_.Key("episodes");
    json_.BeginArray();
    for (const PastTrend& trend : events.trends) {
      json_.BeginObject();
      json_.Field("scope", trend.scope);
      json_.Field("started_at", trend.started_at);
      if (trend.first_at) json_.Field("first_at", *trend.first_at);
      if (trend.ended_at) json_.Field("ended_at", *trend.ended_at);
      if (trend.retracted) json_.Field("retracted", true);
      json_.Field("peak_score", trend.peak_score);
      json_.Field("peak_authors_1h", trend.peak_authors_1h);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteMilestones(const TopicEvents& events) {
    json_.Key("milestones");
    json_.BeginArray();
    for (const TrendEvent& event : events.milestones) {
      json_.BeginObject();
      json_.Field("time", event.time);
      json_.Field("counted", event.milestone->counted);
      json_.Field("count", event.milestone->count);
      if (!event.milestone->source.empty()) json_.Field("source", event.milestone->source);
      if (event.milestone->counted_from) json_.Field("counted_from", *event.milestone->counted_from);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteToldFrom(const ToldStories::Story& story) {
    json_.Key("told_from");
    json_.BeginObject();
    json_.Field("posts", story.told->posts);
    if (story.told->later_posts > 0) json_.Field("later_posts", story.told->later_posts);
    json_.Field("complete", story.told->complete);
    if (story.as_of) json_.Field("as_of", *story.as_of);
    if (store_.log().FirstSeq() > BlockSeq{1}) {
      const auto oldest = store_.log().OldestPost();
      if (oldest && *oldest) json_.Field("kept_since", **oldest);
    }
    json_.EndObject();
  }

  void WriteOrigin(const ToldStory& told) {
    json_.Key("origin");
    if (!told.origin) return json_.Null();
    WriteTarget(*told.origin);
  }

  void WriteCarriers(const ToldStory& told) {
    json_.Key("carriers");
    json_.BeginObject();
    WriteTargets("most_replied_to", told.most_replied);
    WriteTargets("most_reposted", told.most_reposted);
    json_.Key("largest");
    json_.BeginArray();
    for (const TopicStory::Carrier& carrier : told.largest) {
      json_.BeginObject();
      json_.Field("source", carrier.source);
      json_.Field("author", carrier.author);
      json_.Field("followers", carrier.followers);
      json_.Field("posts", carrier.posts);
      json_.Field("first_at", carrier.first_at);
      json_.EndObject();
    }
    json_.EndArray();
    json_.EndObject();
  }

  void WriteRelated(const ToldStory& told) {
    json_.Key("related");
    json_.BeginArray();
    for (const ToldStory::Related& other : told.related) {
      json_.BeginObject();
      json_.Field("topic", other.topic);
      json_.Field("display", store_.history().Display(groups_.KeyOf(other.topic)));
      json_.Field("posts", other.posts);
      json_.Field("lift", other.lift);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteKin(std::string_view name, TopicKin::Kind kind, const ToldStory& told) {
    json_.Key(name);
    json_.BeginArray();
    std::size_t written = 0;
    for (const KinSearch::Found& row : told.kin) {
      if (row.kin.kind != kind || written == kStoryRowsMax || !is_shown_(row.topic)) continue;
      ++written;
      json_.BeginObject();
      json_.Field("topic", row.topic);
      json_.Field("display", store_.history().Display(groups_.KeyOf(row.topic)));
      if (!row.kin.lang.empty()) json_.Field("lang", row.kin.lang);
      json_.Field("first_at", row.kin.first_at);
      json_.Field("authors", row.kin.authors);
      json_.Field("carriers", row.kin.carriers);
      json_.Field("lift", row.kin.lift);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteSpellings(const ToldStory& told) {
    json_.Key("spellings");
    json_.BeginArray();
    for (const TopicStory::Count& spelling : told.spellings) {
      json_.BeginObject();
      json_.Field("spelling", spelling.name);
      json_.Field("posts", spelling.posts);
      json_.EndObject();
    }
    json_.EndArray();
    json_.Field("phrase_posts", told.phrase_posts);
  }

  void WriteArrivals(const ToldStory& told) {
    json_.Key("arrivals");
    json_.BeginArray();
    for (const TopicStory::Arrival& arrival : told.arrivals) {
      json_.BeginObject();
      json_.Field("scope", arrival.scope);
      json_.Field("time", arrival.first_at);
      json_.Field("posts", arrival.posts);
      json_.Field("authors", arrival.authors);
      json_.EndObject();
    }
    json_.EndArray();
  }

  Store& store_;
  const AliasGroups& groups_;
  const std::string topic_;
  const std::function<bool(std::string_view)> is_shown_;
  JsonWriter json_;
};

Response Story(Pipeline& pipeline, const std::string& topic, const Now& now, ToldStories& stories, Timestamp at) {
  Store& store = pipeline.store();
  const auto groups = store.groups();
  const std::string shown(ShownTopic(groups->KeyOf(topic)));
  const auto events = EventsOfTopic(store.events(), shown);
  if (!events) return Problem(503, events.error());
  const auto story = stories.Of(store, groups, shown, *events, at);
  if (!story) return Problem(503, story.error());
  // A topic whose posts were all taken back is remembered for a day.
  if (story->told->posts == 0 && std::ranges::all_of(now.windows, [](const TopTopic& in) { return in.posts == 0; })) {
    return Problem(404, "not_found", "Nothing is posted under this tag.");
  }
  const auto is_shown = [&pipeline](std::string_view other) {
    return !pipeline.blocks().Find(other) && pipeline.reviews().StateOf(other) == ReviewState::kShown;
  };
  return JsonResponse(200, StoryWriter(store, *groups, shown, is_shown).Write(*story, *events, now));
}

void GetTopic(ApiContext& api, Pipeline& pipeline, std::shared_ptr<ToldStories> stories, Request&& request,
              Reply reply) {
  auto scope = ScopeParam(request);
  if (!scope) return reply(Problem(400, scope.error()));
  pipeline.Ask([&api, &pipeline, topic = api.TopicOf(request.PathParam("tag")), scope = std::move(*scope),
                stories = std::move(stories), reply = std::move(reply)](const Engine& engine) mutable {
    Now now{.scope = std::move(scope), .windows = {}, .running = engine.TrendsOf(topic)};
    if (const auto id = engine.FindScope(now.scope)) now.windows = engine.Windows(topic, *id).value_or(now.windows);
    pipeline.ReadAtLength([&api, &pipeline, topic = std::move(topic), now = std::move(now),
                           stories = std::move(stories),
                           reply = std::move(reply)](std::expected<void, Error> turn) mutable {
      if (!turn) return reply(SubmitProblem(turn.error()));
      reply(Story(pipeline, topic, now, *stories, api.clock().Now()));
    });
  });
}

}  // namespace

void AddStoryRoutes(ApiContext& api, std::vector<Route>& routes) {
  const auto stories = std::make_shared<ToldStories>();
  routes.push_back({.method = Method::kGet,
                    .pattern = "/v1/topics/{tag}",
                    .role = Role::kRead,
                    .query = {{"scope"}},
                    .handler = WithPipeline(api,
                                            [&api, stories](Pipeline& pipeline, Request&& request, Reply reply) {
                                              GetTopic(api, pipeline, stories, std::move(request), std::move(reply));
                                            }),
                    .websocket = {}});
}

}  // namespace tagswell
