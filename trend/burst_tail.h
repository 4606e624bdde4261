// How often, in one scope, topics without news gather n authors within a span by mere chance and chatter: the empirical
// tail that a new topic has to exceed. Learned online, so that it holds from a village to a nation.
//
// It counts runs: a topic that goes from quiet to n authors adds one to every level up to n. The tail beyond the last
// level with enough runs is continued geometrically (peaks over a threshold with an exponential excess; Pickands,
// Annals of Statistics 3(1), 1975), so that the trends themselves, which are rare, do not bend it.
// Not thread-safe.
#pragma once

#include <array>
#include <cstdint>

#include "proto/time.h"
#include "trend/state_io.h"

namespace tagswell {

class BurstTail {
 public:
  static constexpr int kLevels = 24;

  // A run rose from level `from` to level `to` (authors in excess of what was expected).
  void Add(int from, int to, Minute now);

  // Runs a day that reach `authors` (fractions allowed) or more.
  double PerDay(double authors, Minute now) const;

  // Runs a day that begin at all: how many topics are being watched, so to speak.
  double RunsPerDay(Minute now) const { return PerDay(1, now); }

  void Save(StateWriter& out) const { out.Put(*this); }
  void Load(StateReader& in) { in.Get(*this); }

 private:
  double Weight(Minute now) const;  // decayed days that were observed
  void DecayTo(Minute now);

  std::array<double, kLevels + 1> runs_{};
  Minute first_{0};
  Minute decayed_to_{0};
};

}  // namespace tagswell
