#include "server/api/story_api.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/api/parameters.h"
#include "server/api/story_writer.h"
#include "server/api/told_stories.h"
#include "server/api/topic_events.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

Response Story(Pipeline& pipeline, const std::string& topic, const StoryNow& now, ToldStories& stories, Timestamp at) {
  Store& store = pipeline.store();
  const auto groups = store.groups();
  const std::string shown(ShownTopic(groups->KeyOf(topic)));
  const auto events = EventsOfTopic(store.events(), shown);
  if (!events) return Problem(503, events.error());
  const auto story = stories.Of(store, groups, shown, *events, at);
  if (!story) return Problem(503, story.error());
  // A topic whose posts were all taken back is remembered for a day.
  if (story->told->posts == 0 && story->told->course.posts == 0 &&
      std::ranges::all_of(now.windows, [](const TopTopic& in) { return in.posts == 0; })) {
    return Problem(404, "not_found", "Nothing is posted under this tag.");
  }
  const ShownTopics is_shown = [&pipeline](std::string_view other) {
    return !pipeline.blocks().Find(other) && pipeline.reviews().StateOf(other) == ReviewState::kShown;
  };
  return JsonResponse(200, WriteStory(store, *groups, shown, *story, *events, now, is_shown));
}

void GetTopic(ApiContext& api, Pipeline& pipeline, std::shared_ptr<ToldStories> stories, Request&& request,
              Reply reply) {
  auto scope = ScopeParam(request);
  if (!scope) return reply(Problem(400, scope.error()));
  pipeline.Ask([&api, &pipeline, topic = api.TopicOf(request.PathParam("tag")), scope = std::move(*scope),
                stories = std::move(stories), reply = std::move(reply)](const Engine& engine) mutable {
    StoryNow now{.scope = std::move(scope), .windows = {}, .running = engine.TrendsOf(topic)};
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
  const auto stories = std::make_shared<ToldStories>(api.config().milestones);
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
