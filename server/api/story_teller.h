// Tells the story of a topic from its posts in the log and the events: up to fifty milliseconds on the thread for long
// reads, half a second more for each million rows of its history, and up to a second where the topic trended and its
// kin is looked for.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proto/alias_groups.h"
#include "proto/error.h"
#include "proto/trend_event.h"
#include "server/api/kin_search.h"
#include "server/api/topic_events.h"
#include "storage/history.h"
#include "storage/store.h"
#include "storage/topic_course.h"
#include "trend/topic_story.h"

namespace tagswell {

inline constexpr std::size_t kStoryRowsMax = 10;  // of each list

struct ToldStory {
  struct Related {
    std::string topic;
    std::uint64_t posts = 0;  // together
    double lift = 0;          // how many times more often than by chance
  };
  struct Arrival {
    std::string scope;
    Timestamp first_at;  // to the minute at least
    std::uint64_t posts = 0;
    std::uint64_t authors = 0;
    bool authors_exact = true;
  };
  // Steps without a post are left out.
  struct Curve {
    int step_minutes = 0;
    std::vector<HistoryStep> steps;
  };

  // Of its whole life, from the history.
  TopicCourse course;
  std::optional<Curve> curve;         // none without a post
  std::optional<Timestamp> first_at;  // the first post that is known, to the minute at least; none without a post
  std::optional<Timestamp> last_at;
  bool counted_from_first = true;  // the history begins no later than the first post
  bool first_is_known = true;      // first_at is of the first post ever
  std::vector<Arrival> arrivals;   // by time, then scope

  std::uint64_t posts = 0;  // that all below is told from
  bool complete = false;    // these are all there are
  std::uint64_t phrase_posts = 0;
  std::optional<PostRef> first;
  std::optional<TopicStory::Target> origin;
  std::vector<TopicStory::Target> most_replied;
  std::vector<TopicStory::Target> most_reposted;
  std::vector<TopicStory::Carrier> largest;
  std::vector<TopicStory::Count> spellings;
  std::vector<Related> related;
  std::vector<KinSearch::Found> kin;  // of a topic that trended
  std::uint64_t later_posts = 0;      // sampled behind `posts`, for kin

  std::vector<Position> told_from;  // all those posts, ascending
};

// The first announcement that was not taken back; kin is of a topic that has one.
std::optional<Timestamp> TrendedAt(const TopicEvents& events);

// The story of a topic without posts has none. `milestones` ascend. Errors: those of the store.
std::expected<ToldStory, Error> TellStory(Store& store, const AliasGroups& groups, const std::string& topic,
                                          const TopicEvents& events, std::span<const std::uint64_t> milestones);

}  // namespace tagswell
