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
  // Before anything is known: a run of n authors is a third as common as one of n - 1.
  static constexpr double kRatioUnknown = 1.0 / 3;

  // A run rose from level `from` to level `to` (authors in excess of what was expected).
  void Add(int from, int to, Minute now);

  // Runs a day that reach `authors` (fractions allowed) or more. `ratio_prior`: how much rarer one more author is,
  // where this scope has too few runs to tell (the world's, for finer scopes).
  double PerDay(double authors, Minute now, double ratio_prior = kRatioUnknown) const;

  // How much rarer one more author is, beyond the levels that are well known.
  double Ratio(double ratio_prior = kRatioUnknown) const;

  // Keeps only that runs began. For the end of the first day, when all topics were new and gathered authors at once.
  void ForgetLevels();

  // Runs a day that begin at all: how many topics are being watched, so to speak.
  double RunsPerDay(Minute now) const { return PerDay(1, now); }

  void Save(StateWriter& out) const { out.Put(*this); }
  void Load(StateReader& in) { in.Get(*this); }

 private:
  int LastKnown() const;
  double Weight(Minute now) const;  // decayed days that were observed
  void DecayTo(Minute now);

  std::array<double, kLevels + 1> runs_{};
  Minute first_{0};
  Minute decayed_to_{0};
};

}  // namespace tagswell
