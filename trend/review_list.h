// Which topics' trends are shown, as the log says up to some place: what operators said about topics, and whether those
// that nobody has spoken about wait. All are counted and judged alike. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "proto/review_change.h"
#include "proto/time.h"
#include "trend/state_io.h"

namespace tagswell {

struct TopicReview {
  bool approved = false;  // else rejected
  Timestamp since;        // wall clock
  std::string by;         // name of a token; empty: no tokens were configured
};

enum class ReviewState : std::uint8_t { kShown, kWaiting, kRejected };

class ReviewList {
 public:
  using ByTopic = std::map<std::string, TopicReview, std::less<>>;

  // The last word on a topic counts. O(log decisions).
  void Apply(const ReviewChange& change);

  // Whether topics without a decision wait.
  bool required() const { return required_; }

  // What becomes of the topic's trends. O(log decisions); nothing while there are none.
  ReviewState StateOf(std::string_view topic) const;

  // Null without a decision.
  const TopicReview* Find(std::string_view topic) const;

  const ByTopic& all() const { return decisions_; }

  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  bool required_ = false;
  ByTopic decisions_;
};

}  // namespace tagswell
