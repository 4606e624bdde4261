#include "server/api/told_stories.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tagswell {
namespace {

constexpr std::size_t kStoriesMax = 100;  // a quarter of a megabyte each, one at most
// What is told faster is told anew each time.
constexpr std::chrono::milliseconds kLong{20};
constexpr int kAgePerTime = 20;

std::expected<std::optional<Position>, Error> NewestPost(Store& store, std::string_view key) {
  const auto posts = store.log().PostsOf(key, std::nullopt, 1);
  if (!posts) return std::unexpected(posts.error());
  return posts->empty() ? std::nullopt : std::optional(posts->front().position);
}

}  // namespace

bool ToldStories::StandsStill(Store& store, Kept& kept) {
  const std::uint64_t count = store.log().retractions().count();
  if (count == kept.retractions) return true;
  const auto retracted = store.log().retractions().Since(kept.retractions);
  if (!retracted) return false;
  kept.retractions = count;
  return std::ranges::none_of(*retracted,
                              [&](Position post) { return std::ranges::binary_search(kept.told->told_from, post); });
}

std::expected<ToldStories::Story, Error> ToldStories::Of(Store& store, const std::shared_ptr<const AliasGroups>& groups,
                                                         const std::string& topic, const TopicEvents& events,
                                                         Timestamp now) {
  const Origin origin{
      .groups = groups,
      .log_start = store.log().FirstSeq(),
      .history_start = store.history().Start(),
      .first_trend = events.trends.empty() ? std::nullopt : std::optional(events.trends.front().started_at),
      .trended_at = TrendedAt(events)};
  const auto kept = std::ranges::find(kept_, topic, &Kept::topic);
  if (kept != kept_.end()) {
    if (kept->origin == origin && StandsStill(store, *kept)) {
      const auto newest = NewestPost(store, groups->KeyOf(topic));
      if (!newest) return std::unexpected(newest.error());
      const bool grew = origin.trended_at
                            ? store.log().LastSeq() != kept->folded
                            : *newest != kept->newest || kept->folded < kept->log_end ||
                                  (!kept->told->complete && kept->retractions != kept->retractions_counted);
      if (!grew || uptime_->Now() - kept->told_uptime < kAgePerTime * kept->took) {
        kept_.splice(kept_.begin(), kept_, kept);
        return Story{.told = kept->told, .as_of = grew ? std::optional(kept->told_at) : std::nullopt};
      }
    }
    kept_.erase(kept);
  }

  Kept fresh{.topic = topic, .told = {}, .origin = origin, .newest = {}, .told_at = now};
  fresh.retractions = fresh.retractions_counted = store.log().retractions().count();
  fresh.folded = store.history().FoldedUpTo();
  fresh.log_end = store.log().LastSeq();
  const Timestamp begun = uptime_->Now();
  const auto newest = NewestPost(store, groups->KeyOf(topic));
  if (!newest) return std::unexpected(newest.error());
  fresh.newest = *newest;
  auto told = TellStory(store, *groups, topic, events, milestones_);
  if (!told) return std::unexpected(told.error());
  fresh.told = std::make_shared<const ToldStory>(std::move(*told));
  fresh.told_uptime = uptime_->Now();
  fresh.took = fresh.told_uptime - begun;
  Story story{.told = fresh.told};
  if (fresh.took >= kLong) {
    kept_.push_front(std::move(fresh));
    if (kept_.size() > kStoriesMax) kept_.pop_back();
  }
  return story;
}

}  // namespace tagswell
