#include "server/api/story_teller.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "server/api/shown_post.h"

namespace tagswell {
namespace {

// What a story is told from at most: some thirty milliseconds of reading.
constexpr ReadBounds kBounds{.posts = 50'000, .blocks = 4'000, .bytes = 64 << 20};
// What was posted this long before the first announcement may be what the trend answers.
constexpr std::chrono::hours kBeforeTrend{24};
constexpr std::size_t kRelatedCandidates = 25;
// Fewer posts together are chance.
constexpr std::uint64_t kSupportMin = 3;
constexpr int kLiftHoursMax = 24 * 60;

class StoryTeller {
 public:
  StoryTeller(Store& store, const AliasGroups& groups, const std::string& topic)
      : store_(store), groups_(groups), topic_(topic) {}

  std::expected<ToldStory, Error> Tell(const TopicEvents& events) {
    const Timestamp early_from =
        events.trends.empty() ? kTimestampMin : events.trends.front().started_at - kBeforeTrend;
    TopicStory story(topic_, early_from, store_.salt());
    std::optional<KinSearch> search;
    if (const auto trended_at = TrendedAt(events)) search.emplace(store_, groups_, topic_, *trended_at);
    const auto complete =
        store_.log().FirstPostsOf(groups_.KeyOf(topic_), kBounds, [&](Position position, const Post& post) {
          told_.told_from.push_back(position);
          last_at_ = std::max(last_at_, post.created_at);
          const Post shown = ShownPost(post, groups_);
          story.Add(shown);
          if (search) search->AddFirst(position, shown);
        });
    if (!complete) return std::unexpected(complete.error());
    told_.complete = *complete;
    told_.posts = story.posts();
    if (story.posts() == 0) return std::move(told_);
    told_.phrase_posts = story.phrase_posts();
    told_.first = story.first();
    told_.origin = story.Origin();
    told_.most_replied = story.MostReplied(kStoryRowsMax);
    told_.most_reposted = story.MostReposted(kStoryRowsMax);
    told_.largest = story.Largest(kStoryRowsMax);
    told_.arrivals = story.Arrivals();
    told_.spellings = story.Spellings(kStoryRowsMax);
    if (auto related = TellRelated(story); !related) return std::unexpected(related.error());
    if (search) {
      if (auto found = TellKin(*search); !found) return std::unexpected(found.error());
    }
    return std::move(told_);
  }

 private:
  // How much more often than by chance other topics stand in this one's posts.
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
      const double lift = together / told * all / static_cast<double>(std::max((*posts)[i], others[i].posts));
      if ((*posts)[i] > 0 && lift > 1)
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
  Timestamp last_at_ = kTimestampMin;
  ToldStory told_;
};

}  // namespace

std::optional<Timestamp> TrendedAt(const TopicEvents& events) {
  const auto trend = std::ranges::find(events.trends, false, &PastTrend::retracted);
  if (trend == events.trends.end()) return std::nullopt;
  return trend->started_at;
}

std::expected<ToldStory, Error> TellStory(Store& store, const AliasGroups& groups, const std::string& topic,
                                          const TopicEvents& events) {
  return StoryTeller(store, groups, topic).Tell(events);
}

}  // namespace tagswell
