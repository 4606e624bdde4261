// The trends that run, scope by scope: their ranks, and the events that their changes make.
//
// A trend starts when its verdict passes the bar, is told again only when its rank
// changes in a way a reader would care about, has one peak, and ends when it stayed low for a while. A topic that comes
// back within a day resumes its trend.
// Everything is a function of closed minutes, so events do not depend on batching. Not thread-safe.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/trend_event.h"
#include "trend/judge.h"
#include "trend/scope_table.h"
#include "trend/topic_table.h"

namespace tagswell {

struct Trend {
  std::string id;
  TopicId topic;
  ScopeId scope;
  Timestamp started_at;
  Verdict verdict;  // the latest
  std::uint64_t posts_1h = 0;
  double authors_1h = 0;
  double expected_1h = 0;
  std::uint32_t rank = 0;       // 0 only within the minute it starts
  std::uint32_t told_rank = 0;  // what subscribers know
  Timestamp told_at;
  double peak_score = 0;
  double peak_authors_1h = 0;
  Timestamp peak_at;
  std::optional<Timestamp> first_since;  // number one since
  Minute last_high{0};                   // last minute with a score of at least end_score
  bool peak_told = false;
  bool first_told = false;                 // that it became number one, ever
  bool told() const { return rank != 0; }  // the minute that started it is closed
};

// One judged topic in one scope, handed in each minute.
struct Judged {
  TopicId topic;
  ScopeId scope;
  Verdict verdict;
  std::uint64_t posts_1h = 0;
  double authors_1h = 0;
  double expected_1h = 0;
  double needed_score = 1;  // 1, or more after an earlier trend of the same topic
};

class TrendBook {
 public:
  TrendBook(const DetectorOptions& options, const ScopeTable& scopes, const TopicTable& topics);

  // Takes a verdict; may start a trend, which CloseMinute then tells. True when it did.
  bool Take(const Judged& judged, Minute now);

  // The score with which the topic would be announced: never below its peak of an earlier trend within a day; and more
  // than 1 where many trends started within the hour.
  double NeededScore(const Judged& judged) const;

  // The part of it that the scope's other starts within the hour ask for.
  double NeededAmongOthers(ScopeId scope) const;

  // After all verdicts of the minute: ranks, peaks, ends. Trends that ended are returned with their peak scores.
  struct Ended {
    TopicId topic;
    ScopeId scope;
    double peak_score;
  };
  std::vector<Ended> CloseMinute(Minute now, std::vector<TrendEvent>& events);

  // A milestone of a trending topic, told in the scope it belongs to (or the first scope the topic trends in).
  void Tell(TopicId topic, const Milestone& milestone, Minute now, std::vector<TrendEvent>& events);

  // Ends every trend of the topic with `retracted` and the reason. Before CloseMinute, which ranks those that are left.
  void Retract(TopicId topic, std::string_view reason, Minute now, std::vector<TrendEvent>& events);

  // Takes every trend of the topic out, and adds it to `trends`. Nothing is told of it.
  void Release(TopicId topic, std::vector<Trend>& trends);

  // Trends that ran elsewhere, unseen, run here from now on: they are told as started, as they stand.
  void Announce(std::vector<Trend> trends, Minute now, std::vector<TrendEvent>& events);

  // Ranks what runs, and tells what moved. CloseMinute does it too; after a Retract between two minutes it is due.
  void Rank(Minute now, std::vector<TrendEvent>& events);

  // The topic is going: its trends that ended are not resumed.
  void Forget(TopicId topic);

  const Trend* Find(TopicId topic, ScopeId scope) const;

  // The trend as it stands, in the form of an event without a sequence number.
  TrendEvent Describe(const Trend& trend, TrendEventType type, Minute now) const;
  bool Trending(TopicId topic) const { return scopes_of_.contains(topic); }
  // By rank. A trend that starts in the minute that is being closed is not on it before CloseMinute has told it.
  std::vector<const Trend*> Board(ScopeId scope) const;
  template <class Visit>
  void ForEach(Visit visit) const {
    for (const auto& [key, trend] : running_) visit(trend);
  }
  std::size_t size() const { return running_.size(); }

  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  using Key = std::uint64_t;
  static Key KeyOf(TopicId topic, ScopeId scope) {
    return (static_cast<std::uint64_t>(topic) << 16) | static_cast<std::uint16_t>(scope);
  }

  struct Past {
    std::string id;
    Timestamp started_at;
    double peak_score;
    Minute ended;
  };

  void Start(const Judged& judged, Minute now);
  // Of trends that start in the same minute only as many as an hour may have, the strongest.
  void CrowdOut(Minute now);
  bool WorthTelling(const Trend& trend, Minute now) const;
  void TellStart(Key key, TrendEventType type, Minute now, std::vector<TrendEvent>& events);
  void Drop(Key key, const Trend& trend);

  const DetectorOptions& options_;
  const ScopeTable& scopes_;
  const TopicTable& topics_;
  absl::flat_hash_map<Key, Trend> running_;
  absl::flat_hash_map<TopicId, std::uint32_t> scopes_of_;  // how many scopes a topic trends in
  struct Starting {
    Key key;
    bool resumed;
  };
  std::vector<Starting> starting_;                             // within the minute only
  absl::flat_hash_map<ScopeId, std::vector<Minute>> started_;  // within the hour
  absl::flat_hash_map<Key, Past> past_;                        // ended within a day
};

}  // namespace tagswell
