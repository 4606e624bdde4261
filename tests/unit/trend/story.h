// An engine and all that it ever told, for tests that tell it a story.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/unit/trend/synthetic_stream.h"
#include "trend/engine.h"

namespace tagswell {

// An engine that keeps all its events. Time is what the stories say.
class Story {
 public:
  explicit Story(EngineOptions options = {}) : engine_(std::move(options)) {}

  void Tell(const std::vector<OwnedPost>& posts) {
    for (const OwnedPost& post : posts) engine_.Add(post.View(topics_), {});
    Collect();
  }
  void Wait(Timestamp until) {
    engine_.Advance(until);
    Collect();
  }
  void Retract(const OwnedPost& post) { engine_.Retract(post.View(topics_)); }
  template <class Change>
  void Apply(const Change& change) {
    engine_.Apply(change);
    Collect();
  }

  std::vector<TrendEvent> Of(std::string_view topic, TrendEventType type) const {
    std::vector<TrendEvent> found;
    std::ranges::copy_if(events_, std::back_inserter(found),
                         [&](const TrendEvent& event) { return event.topic == topic && event.type == type; });
    return found;
  }
  std::vector<TrendEvent> Started(Timestamp from, Timestamp to) const {
    std::vector<TrendEvent> found;
    std::ranges::copy_if(events_, std::back_inserter(found), [&](const TrendEvent& event) {
      return event.type == TrendEventType::kStarted && event.time >= from && event.time < to;
    });
    return found;
  }
  bool EverNamed(std::string_view topic) const {
    return std::ranges::any_of(events_, [topic](const TrendEvent& event) { return event.topic == topic; });
  }
  const std::vector<TrendEvent>& events() const { return events_; }
  Engine& engine() { return engine_; }

 private:
  void Collect() {
    for (TrendEvent& event : engine_.TakeEvents()) events_.push_back(std::move(event));
  }
  Engine engine_;
  std::vector<std::string> topics_;
  std::vector<TrendEvent> events_;
};

inline std::string Names(const std::vector<TrendEvent>& events) {
  std::string names;
  for (const TrendEvent& event : events)
    names += event.topic + "@" + event.scope + " " + FormatTimestamp(event.time) + "\n";
  return names;
}

}  // namespace tagswell
