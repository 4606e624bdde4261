// The JSON of a topic's story, as docs/api.md describes it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/alias_groups.h"
#include "server/api/told_stories.h"
#include "server/api/topic_events.h"
#include "storage/store.h"
#include "trend/engine.h"

namespace tagswell {

// What the engine says of the topic now.
struct StoryNow {
  std::string scope;
  std::vector<TopTopic> windows;  // of that scope
  std::vector<TrendRow> running;
};

// Of other topics only those are named as trends.
using ShownTopics = std::function<bool(std::string_view topic)>;

std::string WriteStory(Store& store, const AliasGroups& groups, std::string_view topic, const ToldStories::Story& story,
                       const TopicEvents& events, const StoryNow& now, const ShownTopics& is_shown);

}  // namespace tagswell
