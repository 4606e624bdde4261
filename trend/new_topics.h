// How the topics of one scope begin: how many a day, and how many authors more they gather within the hour that
// follows. Not thread-safe.
#pragma once

#include <array>

#include "proto/time.h"
#include "trend/state_io.h"

namespace tagswell {

class NewTopics {
 public:
  static constexpr int kAuthorsMax = 8;

  // A topic went from `from` authors within the hour to `to`; 0 is quiet.
  void Add(int from, int to, Minute now);

  // Topics that begin to be used, a day; at least 1.
  double PerDay(Minute now) const;

  // Authors that a topic with one goes on to gather within the hour, on average.
  double More() const;

  void Save(StateWriter& out) const { out.Put(*this); }
  void Load(StateReader& in) { in.Get(*this); }

 private:
  std::array<double, kAuthorsMax + 1> reached_{};  // topics that reached so many authors, decayed
  Minute first_{0};
  Minute decayed_to_{0};
};

}  // namespace tagswell
