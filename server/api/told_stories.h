// Stories that took long to tell, kept until what they were told from changes. A post that is taken back takes the
// stories that were told from it with it at once. New posts of the topic, and any posts where there is kin, which is
// told from those of others, too, wait until a story is so old that telling it takes a twentieth of the time; and so do
// posts that were taken back and only counted. Not thread-safe: the thread for long reads owns it.
#pragma once

#include <cstdint>
#include <expected>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proto/alias_groups.h"
#include "server/api/story_teller.h"
#include "server/clock.h"

namespace tagswell {

class ToldStories {
 public:
  // Stories tell when these `milestones` were passed; they ascend.
  explicit ToldStories(std::vector<std::uint64_t> milestones,
                       std::shared_ptr<const Clock> uptime = std::make_shared<UptimeClock>())
      : milestones_(std::move(milestones)), uptime_(std::move(uptime)) {}

  struct Story {
    std::shared_ptr<const ToldStory> told;
    // It is of this moment: there are posts since that it may be told from.
    std::optional<Timestamp> as_of = {};
  };

  // Errors: those of the store.
  std::expected<Story, Error> Of(Store& store, const std::shared_ptr<const AliasGroups>& groups,
                                 const std::string& topic, const TopicEvents& events, Timestamp now);

 private:
  // What a story was told from, beside its posts.
  struct Origin {
    std::shared_ptr<const AliasGroups> groups;
    BlockSeq log_start{0};
    Minute history_start{0};
    std::optional<Timestamp> first_trend = {};
    std::optional<Timestamp> trended_at = {};
    friend bool operator==(const Origin&, const Origin&) = default;
  };
  struct Kept {
    std::string topic;
    std::shared_ptr<const ToldStory> told;
    Origin origin;
    std::optional<Position> newest;  // post of the topic
    BlockSeq log_end{0};
    BlockSeq folded{0};                     // into index and history, from which it was told
    std::uint64_t retractions = 0;          // that are known not to touch the posts it was told from
    std::uint64_t retractions_counted = 0;  // when it was told
    Timestamp told_at;
    Timestamp told_uptime = {};
    Duration took{0};
  };
  // Whether no post that it was told from was taken back.
  static bool StandsStill(Store& store, Kept& kept);

  const std::vector<std::uint64_t> milestones_;
  const std::shared_ptr<const Clock> uptime_;
  std::list<Kept> kept_;  // last asked first
};

}  // namespace tagswell
