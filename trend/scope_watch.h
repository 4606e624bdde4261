// One watched topic in one scope: its authors of the last hours, minute by minute, and what is known of its own past.
// Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "proto/time.h"
#include "trend/detector_options.h"
#include "trend/minute_counts.h"
#include "trend/scope_table.h"
#include "trend/scope_volume.h"
#include "trend/state_io.h"
#include "trend/surprise.h"

namespace tagswell {

// What was observed in an interval, and what weighed less than one author each.
struct Observation {
  double authors = 0;  // effective: after suppressions
  std::uint64_t posts = 0;
  double all_authors = 0;      // before suppressions
  double doubted_removed = 0;  // young, automated or near-identical
  double repeat_removed = 0;   // few authors posting again and again
  bool unproven = false;  // few authors who all came just now: whether they will repeat themselves is not known yet
};

// What an expectation rests on: how new topics of the scope behave, the topic's own past, or its habit at this hour.
enum class Baseline : std::uint8_t { kNewTopics, kOwnPast, kRecurrence };
std::string_view Name(Baseline baseline);  // "new_topics", "own_past", "recurrence"

struct Expectation {
  double mean = 0;   // authors
  double shape = 1;  // of the Gamma rate behind it: how sure the mean is
  Baseline baseline = Baseline::kNewTopics;
};

class ScopeWatch {
 public:
  explicit ScopeWatch(ScopeId scope) : scope_(scope) {}

  ScopeId scope() const { return scope_; }

  // Authors who are new to the topic within the longest span. Doubted ones weigh only as much as trusted ones support.
  void AddAuthors(Minute minute, std::uint32_t trusted, std::uint32_t doubted);
  void RemoveAuthor(Minute minute, bool doubted);
  void AddPosts(Minute minute, std::uint32_t posts) { posts_.Add(minute, posts); }
  void RemovePosts(Minute minute, std::uint32_t posts) { posts_.Subtract(minute, posts); }

  // Over [now - minutes, now), before any suppression: a bound on Observe().authors.
  std::uint64_t AllAuthors(Minute now, int minutes) const {
    return TrustedAuthors(now, minutes) + doubted_.Sum(now - minutes, now);
  }
  std::uint64_t TrustedAuthors(Minute now, int minutes) const { return trusted_.Sum(now - minutes, now); }

  // Over [now - minutes, now).
  Observation Observe(Minute now, int minutes) const;

  // Authors to expect over [now - kSpans[span], now). `prior` is the rate of the scope's new topics.
  Expectation Expect(Minute now, std::size_t span, const ScopeVolume& volume, GammaRate prior) const;

  // Moves what is older than the longest span into the topic's own past. While a trend runs (`capped`), a slot adds at
  // most a little more than was expected, so that a trend does not become its own baseline.
  void Fold(Minute now, const ScopeVolume& volume, GammaRate prior, bool capped, double half_life_days);

  // Takes over the notable hours of another before `before_hour`, beside its own.
  void Remember(const ScopeWatch& other, std::int32_t before_hour);

  // The highest score of trends that have ended, fading with the given half-life.
  double Record(Minute now, double half_life_days) const;
  void SetRecord(double score, Minute now, double half_life_days);

  // Whether the authors of any span have grown by a quarter since the last judgement, or what was judged then was close
  // to the bar, or an hour has passed: else a new judgement would say nothing new.
  bool WorthJudging(Minute now) const;
  void Judged(Minute now, double score);

  // Authors within the hour that have been counted as a beginning (see NewTopics).
  std::uint8_t counted_authors = 0;

  bool forgettable(Minute now) const;
  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  struct HourCount {
    std::int32_t hour;
    float authors;
  };
  // Authors within each span at this time of the days and weeks before: the mean of `occurrences` of them.
  struct Recurrence {
    std::array<double, kSpans.size()> authors{};
    int occurrences = 0;
  };
  const Recurrence& Recur(Minute now) const;

  ScopeId scope_;
  MinuteCounts trusted_;
  MinuteCounts doubted_;
  MinuteCounts posts_;
  double shape_ = 0;  // authors of the past, decayed
  double rate_ = 0;   // exposure of the past (posts of the scope), decayed
  Minute folded_to_{0};
  double folded_total_ = 0;  // the scope's total there
  std::array<std::uint32_t, kSpans.size()> judged_authors_{};
  Minute judged_at_{0};
  float judged_score_ = 0;
  float record_ = 0;
  Minute record_at_{0};
  mutable std::int32_t recurrence_hour_ = -1;  // what `recurrence_` holds for; a cache, not part of the state
  mutable Recurrence recurrence_;
  std::vector<HourCount> hours_;  // hours with at least kNotable authors, the last five weeks
};

}  // namespace tagswell
