// Which trends are shown, and what becomes of those that are not any more, or may be now.
#include <algorithm>
#include <utility>

#include "trend/detector.h"

namespace tagswell {

ReviewState Detector::ReviewOf(TopicId topic) const {
  return reviews_.StateOf(ShownTopic(topics_[topic].name));
}

const Trend* Detector::Running(TopicId topic, ScopeId scope) const {
  const Trend* shown = book_.Find(topic, scope);
  return shown != nullptr ? shown : waiting_.Find(topic, scope);
}

std::vector<TopicId> Detector::RunningTopics() const {
  std::vector<TopicId> running;
  for (const TrendBook* book : {&book_, &waiting_})
    book->ForEach([&](const Trend& trend) { running.push_back(trend.topic); });
  std::sort(running.begin(), running.end());
  running.erase(std::unique(running.begin(), running.end()), running.end());
  return running;
}

void Detector::Withdraw(TopicId topic, std::string_view reason, std::vector<TrendEvent>& events) {
  if (!Trending(topic)) return;
  const std::size_t first_event = events.size();
  std::vector<Trend> unseen;
  waiting_.Release(topic, unseen);
  book_.Retract(topic, reason, now_, events);
  book_.Rank(now_, events);
  episodes_.erase(topic);
  SortEvents(std::span(events).subspan(first_event));
}

void Detector::FollowReviews(std::vector<TrendEvent>& events) {
  const std::size_t first_event = events.size();
  std::vector<Trend> approved;
  std::vector<Trend> unseen;
  bool moved = false;
  for (const TopicId topic : RunningTopics()) {
    const ReviewState state = ReviewOf(topic);
    if (waiting_.Trending(topic)) {
      if (state == ReviewState::kWaiting) continue;
      waiting_.Release(topic, state == ReviewState::kShown ? approved : unseen);
    } else {
      if (state == ReviewState::kShown) continue;
      book_.Retract(topic, state == ReviewState::kRejected ? "rejected" : "awaits_review", now_, events);
    }
    moved = true;
    if (state != ReviewState::kShown) episodes_.erase(topic);
  }
  if (!moved) return;
  book_.Announce(std::move(approved), now_, events);
  SortEvents(std::span(events).subspan(first_event));
}

}  // namespace tagswell
