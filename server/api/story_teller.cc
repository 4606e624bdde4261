#include "server/api/story_teller.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "server/api/shown_post.h"
#include "trend/surprise.h"

namespace tagswell {
namespace {

// What a story is told from at most: some thirty milliseconds of reading.
constexpr ReadBounds kBounds{.posts = 50'000, .blocks = 4'000, .bytes = 64 << 20};
// What was posted this long before the first announcement may be what the trend answers.
constexpr std::chrono::hours kBeforeTrend{24};
constexpr std::size_t kRelatedCandidates = 25;
// Fewer posts together are chance.
constexpr std::uint64_t kSupportMin = 3;
constexpr double kErrorDecades = 2;  // one story in a hundred may name one topic as related by chance
constexpr int kLiftHoursMax = 24 * 60;
// Rows of history that the course is told from: some seconds of reading.
constexpr std::uint64_t kCourseRowsMax = 10'000'000;
// The newest post by its time is looked for among so many that came last.
constexpr std::size_t kNewestPosts = 200;

constexpr int kHour = 60;
constexpr int kDay = 24 * kHour;
constexpr int kCurveStepsMax = 120;
constexpr int kCurveDaysMax = 9 * 366;  // what the history gives at once
constexpr int kCurveSteps[] = {1, 5, 15, kHour, 3 * kHour, 6 * kHour, 12 * kHour, kDay, 7 * kDay, 30 * kDay};

int CurveStep(int minutes) {
  const auto* const step =
      std::ranges::find_if(kCurveSteps, [minutes](int width) { return minutes <= width * kCurveStepsMax; });
  return step == std::end(kCurveSteps) ? 30 * kDay : *step;
}

class StoryTeller {
 public:
  StoryTeller(Store& store, const AliasGroups& groups, const std::string& topic)
      : store_(store), groups_(groups), topic_(topic), key_(groups.KeyOf(topic)) {}

  std::expected<ToldStory, Error> Tell(const TopicEvents& events, std::span<const std::uint64_t> milestones) {
    const Timestamp early_from =
        events.trends.empty() ? kTimestampMin : events.trends.front().started_at - kBeforeTrend;
    TopicStory story(topic_, early_from, store_.salt());
    std::optional<KinSearch> search;
    if (const auto trended_at = TrendedAt(events)) search.emplace(store_, groups_, topic_, *trended_at);
    const auto complete = store_.log().FirstPostsOf(key_, kBounds, [&](Position position, const Post& post) {
      told_.told_from.push_back(position);
      last_at_ = std::max(last_at_, post.created_at);
      const Post shown = ShownPost(post, groups_);
      story.Add(shown);
      if (search) search->AddFirst(position, shown);
    });
    if (!complete) return std::unexpected(complete.error());
    told_.complete = *complete;
    told_.posts = story.posts();
    if (auto course = TellCourse(story, milestones); !course) return std::unexpected(course.error());
    if (auto times = TellTimes(story); !times) return std::unexpected(times.error());
    TellArrivals(story);
    if (story.posts() == 0) return std::move(told_);
    told_.phrase_posts = story.phrase_posts();
    told_.first = story.first();
    told_.origin = story.Origin();
    told_.most_replied = story.MostReplied(kStoryRowsMax);
    told_.most_reposted = story.MostReposted(kStoryRowsMax);
    told_.largest = story.Largest(kStoryRowsMax);
    told_.spellings = story.Spellings(kStoryRowsMax);
    if (auto related = TellRelated(story); !related) return std::unexpected(related.error());
    if (search) {
      if (auto found = TellKin(*search); !found) return std::unexpected(found.error());
    }
    return std::move(told_);
  }

 private:
  // What the history knows: all of it, however much of the log is read.
  std::expected<void, Error> TellCourse(const TopicStory& story, std::span<const std::uint64_t> milestones) {
    // Where all of its posts were read, no other time needs a look: but history may go back farther than the log.
    const bool whole = told_.complete && story.first() && store_.log().FirstSeq() == BlockSeq{1};
    const Minute from = whole ? MinuteOf(story.first()->created_at) : Minute{0};
    const Minute to = whole ? MinuteOf(last_at_) + 1 : MinuteOf(kTimestampMax);
    auto course = store_.history().CourseOf(key_, from, to, milestones, kCourseRowsMax);
    if (!course) return std::unexpected(course.error());
    told_.course = std::move(*course);
    if (told_.course.posts == 0) return {};
    // Where nearly all of the posts are: a stray one of years before would flatten the rest.
    const Minute curve_to = std::min(told_.course.bulk_to, told_.course.last + 1);
    const Minute curve_from = std::max({told_.course.bulk_from, told_.course.first, curve_to - kCurveDaysMax * kDay});
    const int width = CurveStep(curve_to - curve_from);
    auto steps =
        store_.history().Steps(key_, "world", curve_from - static_cast<int>(curve_from) % width, curve_to, width);
    if (!steps) return std::unexpected(steps.error());
    told_.curve = ToldStory::Curve{.step_minutes = width, .steps = std::move(*steps)};
    return {};
  }

  std::expected<void, Error> TellTimes(const TopicStory& story) {
    if (!told_.complete) {
      const auto newest = store_.log().PostsOf(key_, std::nullopt, kNewestPosts);
      if (!newest) return std::unexpected(newest.error());
      for (const StoredPost& post : *newest) newest_at_ = std::max(newest_at_, post.record.post.created_at);
    }
    newest_at_ = std::max(newest_at_, last_at_);
    if (story.first()) {
      told_.first_at = story.first()->created_at;
      told_.last_at = newest_at_;
    }
    const TopicCourse& course = told_.course;
    if (course.posts == 0) return {};
    const Minute history_start = store_.history().Start();
    const bool log_is_whole = store_.log().FirstSeq() == BlockSeq{1} && story.first();
    told_.counted_from_first =
        history_start == Minute{0} || (log_is_whole && MinuteOf(story.first()->created_at) >= history_start);
    told_.first_is_known = told_.counted_from_first || log_is_whole;
    if (!story.first() || MinuteOf(*told_.first_at) > course.first) told_.first_at = StartOf(course.first);
    if (!story.first() || MinuteOf(*told_.last_at) < course.last) told_.last_at = StartOf(course.last);
    return {};
  }

  void TellArrivals(const TopicStory& story) {
    const auto told = story.Arrivals();
    const bool read_all = told_.complete && store_.log().FirstSeq() == BlockSeq{1};
    if (read_all || told_.course.posts == 0) {
      for (const TopicStory::Arrival& of : told)
        told_.arrivals.push_back(
            {.scope = of.scope, .first_at = of.first_at, .posts = of.posts, .authors = of.authors});
      return;
    }
    for (const TopicCourse::Place& place : told_.course.places) {
      const auto known = std::ranges::find(told, place.scope, &TopicStory::Arrival::scope);
      const bool to_the_second = known != told.end() && MinuteOf(known->first_at) == place.first;
      told_.arrivals.push_back({.scope = place.scope,
                                .first_at = to_the_second ? known->first_at : StartOf(place.first),
                                .posts = place.posts,
                                .authors = place.authors,
                                .authors_exact = place.authors_exact});
    }
    std::ranges::sort(told_.arrivals, {},
                      [](const ToldStory::Arrival& of) { return std::pair(of.first_at, std::string_view(of.scope)); });
  }

  // How much more often than by chance other topics stand in this one's posts. Chance is how often they stand in those
  // of others; that is known only as well as there are such posts, so that the posts together are negative binomial.
  std::expected<void, Error> TellRelated(const TopicStory& story) {
    auto others = story.UsedWith(kRelatedCandidates);
    std::erase_if(others, [](const TopicStory::Count& other) { return other.posts < kSupportMin; });
    if (others.empty()) return {};
    const BlockSeq first = told_.told_from.front().block;
    const auto before = store_.log().PostsThrough(BlockSeq{static_cast<std::uint64_t>(first) - 1});
    if (!before) return std::unexpected(before.error());
    const auto after = store_.log().PostsThrough(told_.told_from.back().block);
    if (!after) return std::unexpected(after.error());
    const Minute to = MinuteOf(last_at_) + 1;
    const Minute from = std::max(MinuteOf(story.first()->created_at), to - kLiftHoursMax * 60);
    std::vector<std::string_view> keys;
    for (const TopicStory::Count& other : others) keys.push_back(groups_.KeyOf(other.name));
    const auto posts = store_.history().PostsOf(keys, "world", from, to);
    if (!posts) return std::unexpected(posts.error());
    const auto told = static_cast<double>(story.posts());
    const double all = std::max(static_cast<double>(*after - *before), told);
    for (std::size_t i = 0; i < others.size() && told_.related.size() < kStoryRowsMax; ++i) {
      const auto together = static_cast<double>(others[i].posts);
      const auto used = static_cast<double>(std::max((*posts)[i], others[i].posts));
      const double lift = together / told * all / used;
      const GammaRate elsewhere{.shape = 1 + used - together, .rate = 1 + all - told};
      const double decades = TailDecades(together, told * elsewhere.Mean(), elsewhere.shape);
      if ((*posts)[i] > 0 && lift > 1 && decades >= kErrorDecades + std::log10(static_cast<double>(others.size())))
        told_.related.push_back({.topic = others[i].name, .posts = others[i].posts, .lift = lift});
    }
    return {};
  }

  std::expected<void, Error> TellKin(KinSearch& search) {
    if (!told_.complete) {
      if (auto later = search.AddLater(); !later) return later;
      told_.later_posts = search.later_posts().size();
      told_.told_from.insert(told_.told_from.end(), search.later_posts().begin(), search.later_posts().end());
      std::ranges::sort(told_.told_from);
    }
    auto found = search.Find();
    if (!found) return std::unexpected(found.error());
    told_.kin = std::move(*found);
    return {};
  }

  Store& store_;
  const AliasGroups& groups_;
  const std::string& topic_;
  const std::string key_;              // what is counted for the topic
  Timestamp last_at_ = kTimestampMin;  // of the posts it is told from
  Timestamp newest_at_ = kTimestampMin;
  ToldStory told_;
};

}  // namespace

std::optional<Timestamp> TrendedAt(const TopicEvents& events) {
  const auto trend = std::ranges::find(events.trends, false, &PastTrend::retracted);
  if (trend == events.trends.end()) return std::nullopt;
  return trend->started_at;
}

std::expected<ToldStory, Error> TellStory(Store& store, const AliasGroups& groups, const std::string& topic,
                                          const TopicEvents& events, std::span<const std::uint64_t> milestones) {
  return StoryTeller(store, groups, topic).Tell(events, milestones);
}

}  // namespace tagswell
