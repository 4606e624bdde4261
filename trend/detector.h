// From closed minutes to trend events. Every minute that closes is handed in once, in order, with all of its mentions;
// what comes out depends on nothing else. See docs/detection.md for the method.
// Not thread-safe.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "proto/alias_groups.h"
#include "proto/trend_event.h"
#include "proto/window.h"
#include "trend/block_list.h"
#include "trend/detector_options.h"
#include "trend/episode.h"
#include "trend/host_shares.h"
#include "trend/judge.h"
#include "trend/mention_hit.h"
#include "trend/review_list.h"
#include "trend/scope_states.h"
#include "trend/scope_table.h"
#include "trend/topic_table.h"
#include "trend/topic_watch.h"
#include "trend/trend_book.h"

namespace tagswell {

// A mention of a minute that has been closed.
struct ClosedHit {
  Minute minute;
  MentionHit hit;
};

class Detector {
 public:
  // What `blocks` names, what `reviews` rejects, and what `groups` does not show, is watched like any other topic and
  // never trends. What waits by `reviews` trends in a book of its own, and nothing is told of it.
  Detector(const DetectorOptions& options, const ScopeTable& scopes, const BlockList& blocks, const ReviewList& reviews,
           const AliasGroups& groups, TopicTable& topics);

  // A minute is closed in three steps: Begin, Observe for each part of its mentions, End. The parts may come in any
  // order, and so may the mentions in them, but all mentions of a topic are in one part, side by side; Observe sorts
  // them. End gives the events, sorted, without sequence numbers. O(mentions), plus the running trends.
  void BeginMinute(Minute minute, std::span<const ComboPosts> posts);
  void Observe(Minute minute, std::span<MentionHit> part);
  void EndMinute(std::vector<TrendEvent>& events);

  // Takes back a mention of a minute that has been closed.
  void Retract(const MentionHit& hit, Minute minute);

  // Between two minutes: withdraws the topic's trends at once, with this reason. Events as from EndMinute.
  void Withdraw(TopicId topic, std::string_view reason, std::vector<TrendEvent>& events);

  // Between two minutes: the reviews say something else. Trends that are not shown any more are withdrawn, with the
  // reason "rejected" or "awaits_review"; those that waited and may be shown start. Events as from EndMinute. O(running
  // trends).
  void FollowReviews(std::vector<TrendEvent>& events);

  // Between two minutes: a topic that was not there before, a group of others, has this past within the day, in any
  // order; its habits are those of its members. Its cell holds it already.
  void Learn(TopicId topic, std::vector<ClosedHit>& past, std::span<const TopicId> members);

  // The topic is going, and has no trends.
  void Drop(TopicId topic);

  // What the detector thinks of a topic at the end of the minutes before `now`; nullopt when it is not watched there.
  std::optional<Judged> Explain(TopicId topic, ScopeId scope, Minute now) const;

  const TrendBook& book() const { return book_; }  // what is shown
  const TrendBook& waiting() const { return waiting_; }
  std::size_t watched() const { return watches_.size(); }
  // Whether more is kept of the topic than its cell holds.
  bool Watches(TopicId topic) const { return watches_.contains(topic); }
  template <class Visit>
  void ForEachWatched(Visit visit) const {
    for (const auto& [topic, watch] : watches_) visit(topic);
  }
  std::size_t memory_bytes() const;  // O(watched topics and their scopes)

  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  // A topic is watched from its third author within an hour, or when it has been used this often in a day.
  static constexpr std::size_t kWatchAuthors = 3;
  static constexpr std::size_t kWatchHits = 24;
  // Raw hits close to the edge of the day may or may not be there still: do not look at them.
  static constexpr int kSeedMinutes = kWindowMinutesMax - 10;

  void SortHits(std::span<MentionHit> hits) const;
  // A full order: tables of hashes give them in any.
  static void SortEvents(std::span<TrendEvent> events);
  bool IsGroup(TopicId topic) const { return !groups_.empty() && IsGroupKey(topics_[topic].name); }
  bool Hidden(TopicId topic) const;
  ReviewState ReviewOf(TopicId topic) const;
  // Where the topic's trends are: all in one.
  TrendBook& BookOf(TopicId topic) { return ReviewOf(topic) == ReviewState::kWaiting ? waiting_ : book_; }
  const Trend* Running(TopicId topic, ScopeId scope) const;
  bool Trending(TopicId topic) const { return book_.Trending(topic) || waiting_.Trending(topic); }
  std::vector<TopicId> RunningTopics() const;
  void ObserveQuiet(TopicId topic, Minute minute, std::span<const MentionHit> hits);
  void ObserveWatched(TopicId topic, TopicWatch& watch, Minute minute, std::span<const MentionHit> hits);
  TopicWatch& Watch(TopicId topic, Minute minute);
  // All scopes of a running trend; of others those in `touched` only.
  void JudgeTopic(TopicId topic, TopicWatch& watch, Minute now, std::span<const ScopeId> touched);
  void JudgeScopeOf(TopicId topic, TopicWatch& watch, ScopeWatch& scope, Minute now);
  Judged JudgeScope(TopicId topic, const ScopeWatch& watch, Minute now, double floor_mean_per_hour) const;
  // With what is expected of the other scopes.
  Judged JudgeInContext(TopicId topic, const TopicWatch& watch, const ScopeWatch& scope, Minute now) const;
  void JudgeRunning(std::vector<TrendEvent>& events);
  void CountBeginning(TopicId topic, ScopeWatch& watch, Minute now);
  void Forget(Minute now);
  void LearnBeginnings();

  const DetectorOptions& options_;
  const ScopeTable& scopes_;
  const BlockList& blocks_;
  const ReviewList& reviews_;
  const AliasGroups& groups_;
  TopicTable& topics_;
  TrendBook book_;
  TrendBook waiting_;
  Minute now_{0};  // the end of the newest closed minute
  ScopeStates states_;
  HostShares hosts_;
  absl::flat_hash_map<TopicId, std::unique_ptr<TopicWatch>> watches_;
  absl::flat_hash_map<TopicId, Episode> episodes_;
  absl::flat_hash_set<TopicId> retracted_;  // topics that lost posts since the last minute

  // A topic that gathered authors within this minute. Learned when all of it is judged, so that the order of topics
  // does not matter.
  struct Beginning {
    ScopeId scope;
    std::uint8_t from;
    std::uint8_t to;
  };
  std::vector<Beginning> beginnings_;
};

}  // namespace tagswell
