#include "server/api/story_api.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "proto/json_writer.h"
#include "proto/post_key.h"
#include "server/api/kin_search.h"
#include "server/api/parameters.h"
#include "server/api/shown_post.h"
#include "server/api/topic_events.h"
#include "server/api/trend_rows.h"
#include "server/net/problem.h"
#include "trend/topic_story.h"

namespace tagswell {
namespace {

// A story is told from so many posts at most, out of so many blocks: half a second on the thread for long reads.
constexpr std::size_t kPostsMax = 50'000;
constexpr std::size_t kBlocksMax = 5'000;
// What was posted this long before the first announcement may be what the trend answers.
constexpr std::chrono::hours kBeforeTrend{24};
constexpr std::size_t kRowsMax = 10;
constexpr std::size_t kRelatedCandidates = 25;
// Fewer posts together are chance.
constexpr std::uint64_t kSupportMin = 3;
constexpr int kLiftHoursMax = 24 * 60;

void WritePostRef(std::string_view source, std::string_view id, const std::optional<StoredPost>& stored,
                  JsonWriter& json) {
  json.Field("source", source);
  json.Field("id", id);
  if (!stored) return;
  json.Field("author", stored->record.post.author);
  json.Field("created_at", stored->record.post.created_at);
  json.Field("text", stored->record.post.text);
}

// What the engine and its events say of the topic now.
struct Now {
  std::vector<TopTopic> windows;
  std::vector<TrendRow> running;
};

class StoryTeller {
 public:
  StoryTeller(Store& store, const std::string& topic, std::string scope, Now now)
      : store_(store),
        groups_(store.groups()),
        key_(groups_->KeyOf(topic)),
        topic_(ShownTopic(key_)),
        scope_(std::move(scope)),
        now_(std::move(now)) {}

  Response Tell() {
    auto events = EventsOfTopic(store_.events(), topic_);
    if (!events) return Problem(503, events.error());
    const Timestamp early_from =
        events->trends.empty() ? kTimestampMin : events->trends.front().started_at - kBeforeTrend;
    TopicStory story(topic_, early_from, store_.salt());
    std::optional<KinSearch> search;  // of a topic that trended
    const auto trend = std::ranges::find(events->trends, false, &PastTrend::retracted);
    if (trend != events->trends.end()) search.emplace(store_, *groups_, topic_, trend->started_at);
    const auto complete =
        store_.log().FirstPostsOf(key_, kPostsMax, kBlocksMax, [&](Position position, const Post& post) {
          first_block_ = story.posts() == 0 ? position.block : first_block_;
          last_block_ = position.block;
          last_at_ = std::max(last_at_, post.created_at);
          const Post shown = ShownPost(post, *groups_);
          story.Add(shown);
          if (search) search->AddFirst(position, shown);
        });
    if (!complete) return Problem(503, complete.error());
    if (story.posts() == 0 && now_.windows.empty()) {
      return Problem(404, "not_found", "Nothing was ever posted under this tag.");
    }
    Kin kin;
    if (search) {
      if (!*complete) {
        if (const auto later = search->AddLater(); !later) return Problem(503, later.error());
      }
      auto found = search->Find();
      if (!found) return Problem(503, found.error());
      kin = {.found = std::move(*found), .later_posts = search->later_posts()};
    }
    return JsonResponse(200, Write(story, *complete, kin, *events));
  }

 private:
  struct Kin {
    std::vector<KinSearch::Found> found = {};
    std::uint64_t later_posts = 0;
  };

  std::optional<StoredPost> Stored(std::string_view source, std::string_view id) {
    auto found = store_.log().Find(KeyOf(source, id, store_.salt()));
    return found ? std::move(*found) : std::nullopt;
  }

  void WriteTargets(std::string_view name, const std::vector<TopicStory::Target>& targets) {
    json_.Key(name);
    json_.BeginArray();
    for (const TopicStory::Target& target : targets) {
      json_.BeginObject();
      WritePostRef(target.source, target.id, Stored(target.source, target.id), json_);
      json_.Field("replies", target.replies);
      json_.Field("reposts", target.reposts);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteWindows() {
    json_.Key("windows");
    json_.BeginObject();
    for (std::size_t i = 0; i < kWindows.size(); ++i) {
      json_.Key(Name(kWindows[i]));
      json_.BeginObject();
      json_.Field("posts", now_.windows.empty() ? 0 : now_.windows[i].posts);
      json_.Field("authors", now_.windows.empty() ? 0 : now_.windows[i].authors);
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
      json_.Field("seconds_since_first_post", event.milestone->since_first_post.count() / 1000);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteOrigin(const TopicStory& story) {
    json_.Key("origin");
    const auto origin = story.Origin();
    if (!origin) return json_.Null();
    json_.BeginObject();
    WritePostRef(origin->source, origin->id, Stored(origin->source, origin->id), json_);
    json_.Field("replies", origin->replies);
    json_.Field("reposts", origin->reposts);
    json_.EndObject();
  }

  void WriteCarriers(const TopicStory& story) {
    json_.Key("carriers");
    json_.BeginObject();
    WriteTargets("most_replied_to", story.MostReplied(kRowsMax));
    WriteTargets("most_reposted", story.MostReposted(kRowsMax));
    json_.Key("largest");
    json_.BeginArray();
    for (const TopicStory::Carrier& carrier : story.Largest(kRowsMax)) {
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

  // How much more often than by chance the other topic stands in this one's posts.
  std::optional<double> Lift(const TopicStory& story, const TopicStory::Count& other) {
    const auto before = store_.log().PostsThrough(BlockSeq{static_cast<std::uint64_t>(first_block_) - 1});
    const auto after = store_.log().PostsThrough(last_block_);
    if (!before || !after) return std::nullopt;
    const Minute to = MinuteOf(last_at_) + 1;
    const Minute from = std::max(MinuteOf(story.first()->created_at), to - kLiftHoursMax * 60);
    const auto steps = store_.history().Steps(groups_->KeyOf(other.name), "world", from, to, std::max(1, to - from));
    if (!steps || steps->empty()) return std::nullopt;
    std::uint64_t posts = 0;
    for (const HistoryStep& step : *steps) posts += step.posts;
    const double all = std::max<double>(static_cast<double>(*after - *before), static_cast<double>(story.posts()));
    const double together = static_cast<double>(other.posts) / static_cast<double>(story.posts());
    return together / (static_cast<double>(std::max(posts, other.posts)) / all);
  }

  void WriteRelated(const TopicStory& story) {
    json_.Key("related");
    json_.BeginArray();
    std::size_t written = 0;
    for (const TopicStory::Count& other : story.UsedWith(kRelatedCandidates)) {
      if (other.posts < kSupportMin || written == kRowsMax) break;
      const auto lift = Lift(story, other);
      if (!lift || *lift <= 1) continue;
      ++written;
      json_.BeginObject();
      json_.Field("topic", other.name);
      json_.Field("display", store_.history().Display(groups_->KeyOf(other.name)));
      json_.Field("posts", other.posts);
      json_.Field("lift", *lift);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteKin(std::string_view name, TopicKin::Kind kind, const Kin& kin) {
    json_.Key(name);
    json_.BeginArray();
    std::size_t written = 0;
    for (const KinSearch::Found& row : kin.found) {
      if (row.kin.kind != kind || written == kRowsMax) continue;
      ++written;
      json_.BeginObject();
      json_.Field("topic", row.topic);
      json_.Field("display", store_.history().Display(groups_->KeyOf(row.topic)));
      if (!row.kin.lang.empty()) json_.Field("lang", row.kin.lang);
      json_.Field("first_at", row.kin.first_at);
      json_.Field("authors", row.kin.authors);
      json_.Field("carriers", row.kin.carriers);
      json_.Field("lift", row.kin.lift);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void WriteSpellings(const TopicStory& story) {
    json_.Key("spellings");
    json_.BeginArray();
    for (const TopicStory::Count& spelling : story.Spellings(kRowsMax)) {
      json_.BeginObject();
      json_.Field("spelling", spelling.name);
      json_.Field("posts", spelling.posts);
      json_.EndObject();
    }
    json_.EndArray();
    json_.Field("phrase_posts", story.phrase_posts());
  }

  void WriteArrivals(const TopicStory& story) {
    json_.Key("arrivals");
    json_.BeginArray();
    for (const TopicStory::Arrival& arrival : story.Arrivals()) {
      json_.BeginObject();
      json_.Field("scope", arrival.scope);
      json_.Field("time", arrival.first_at);
      json_.Field("posts", arrival.posts);
      json_.Field("authors", arrival.authors);
      json_.EndObject();
    }
    json_.EndArray();
  }

  std::string Write(const TopicStory& story, bool complete, const Kin& kin, const TopicEvents& events) {
    json_.BeginObject();
    json_.Field("topic", topic_);
    json_.Field("display", store_.history().Display(key_));
    json_.Field("scope", scope_);
    WriteWindows();
    json_.Key("trends");
    json_.BeginArray();
    for (const TrendRow& row : now_.running) WriteTrendRow(row, json_);
    json_.EndArray();
    WriteEpisodes(events);
    WriteMilestones(events);
    json_.Key("told_from");
    json_.BeginObject();
    json_.Field("posts", story.posts());
    if (kin.later_posts > 0) json_.Field("later_posts", kin.later_posts);
    json_.Field("complete", complete);
    if (store_.log().FirstSeq() > BlockSeq{1}) {
      const auto oldest = store_.log().OldestPost();
      if (oldest && *oldest) json_.Field("kept_since", **oldest);
    }
    json_.EndObject();
    if (story.first()) {
      json_.Key("first_post");
      json_.BeginObject();
      WritePostRef(story.first()->source, story.first()->id, Stored(story.first()->source, story.first()->id), json_);
      json_.EndObject();
      WriteOrigin(story);
      WriteCarriers(story);
      WriteArrivals(story);
      WriteSpellings(story);
      WriteRelated(story);
      WriteKin("successors", TopicKin::Kind::kSuccessor, kin);
      WriteKin("sisters", TopicKin::Kind::kSister, kin);
    }
    json_.EndObject();
    return json_.Take();
  }

  Store& store_;
  const std::shared_ptr<const AliasGroups> groups_;
  const std::string key_;  // what is counted
  const std::string topic_;
  const std::string scope_;
  const Now now_;
  JsonWriter json_;
  BlockSeq first_block_{0};
  BlockSeq last_block_{0};
  Timestamp last_at_ = kTimestampMin;
};

void GetTopic(ApiContext& api, Pipeline& pipeline, Request&& request, Reply reply) {
  auto scope = ScopeParam(request);
  if (!scope) return reply(Problem(400, scope.error()));
  pipeline.Ask([&pipeline, topic = api.TopicOf(request.PathParam("tag")), scope = std::move(*scope),
                reply = std::move(reply)](const Engine& engine) mutable {
    Now now{.windows = {}, .running = engine.TrendsOf(topic)};
    if (const auto id = engine.FindScope(scope)) now.windows = engine.Windows(topic, *id).value_or(now.windows);
    pipeline.ReadAtLength(
        [teller = std::make_unique<StoryTeller>(pipeline.store(), topic, std::move(scope), std::move(now)),
         reply = std::move(reply)](std::expected<void, Error> turn) mutable {
          reply(turn ? teller->Tell() : SubmitProblem(turn.error()));
        });
  });
}

}  // namespace

void AddStoryRoutes(ApiContext& api, std::vector<Route>& routes) {
  routes.push_back({.method = Method::kGet,
                    .pattern = "/v1/topics/{tag}",
                    .role = Role::kRead,
                    .query = {{"scope"}},
                    .handler = WithPipeline(api,
                                            [&api](Pipeline& pipeline, Request&& request, Reply reply) {
                                              GetTopic(api, pipeline, std::move(request), std::move(reply));
                                            }),
                    .websocket = {}});
}

}  // namespace tagswell
