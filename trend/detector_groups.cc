// Topics that come in with a past, and go before their time: groups of tags that are made while the engine runs.
#include <algorithm>
#include <memory>

#include "trend/detector.h"

namespace tagswell {

void Detector::Learn(TopicId topic, std::vector<ClosedHit>& past, std::span<const TopicId> members) {
  const bool watched = std::ranges::any_of(members, [this](TopicId member) { return Watches(member); });
  if (!watched && past.size() <= kWatchHits) return;  // its raw hits will do, as for any topic
  auto& watch = *watches_.emplace(topic, std::make_unique<TopicWatch>()).first->second;
  std::ranges::sort(past, {}, &ClosedHit::minute);
  std::vector<MentionHit> hits;
  for (auto begin = past.begin(); begin != past.end();) {
    const Minute minute = begin->minute;
    hits.clear();
    for (; begin != past.end() && begin->minute == minute; ++begin) hits.push_back(begin->hit);
    if (minute <= now_ - kSeedMinutes) continue;
    SortHits(hits);
    watch.Add(minute, hits, scopes_, hosts_);
  }
  for (const TopicId member : members) {
    const auto of = watches_.find(member);
    if (of == watches_.end()) continue;
    for (const ScopeWatch& scope : of->second->scopes())
      watch.Of(scope.scope()).Remember(scope, static_cast<std::int32_t>(now_ - 24 * 60) / 60);
  }
  topics_[topic].cell.Promote(scopes_);
}

void Detector::Drop(TopicId topic) {
  watches_.erase(topic);
  retracted_.erase(topic);
  book_.Forget(topic);
  waiting_.Forget(topic);
}

}  // namespace tagswell
