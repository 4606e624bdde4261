// Which topics' trends are shown where the log ends. The engine knows it too, but only as far as it has counted; what a
// call may change is decided here, in the order in which changes get into the log.
#pragma once

#include <cstddef>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/error.h"
#include "trend/review_list.h"

namespace tagswell {

// A call to decide about a topic, or to take a decision back.
struct ReviewCall {
  std::string topic;
  std::optional<bool> approve;  // true: yes, false: no; nullopt: the decision is taken back
  std::string by = {};          // name of the caller's token; empty when no tokens are configured
  std::string remote = {};      // the caller's address
};

// What came of it.
struct ReviewAnswer {
  bool changed = false;  // else it stood so already: nothing was written
  bool created = false;  // nothing had been decided before
  TopicReview review;    // as it stands; of one that was taken back as it stood
};

// Thread-safe. One thread changes it.
class TopicReviews {
 public:
  // Some decades of what trends in a large community; a checkpoint stays small.
  static constexpr std::size_t kTopicsMax = 100'000;

  // What the log says. Before anything else.
  void Restore(const ReviewList& list);

  // What `call` comes to when it is written: nullopt when it stands so already. Errors: not_found (nothing to take
  // back), too_many_reviews. The change views into `call`.
  std::expected<std::optional<ReviewChange>, Error> Plan(const ReviewCall& call, Timestamp at) const;

  // What makes the log say what the configuration says; nullopt when it does.
  std::optional<ReviewChange> PlanConfigured(bool required, Timestamp at) const;

  // The change is in the log.
  void Apply(const ReviewChange& change);

  bool required() const;
  ReviewState StateOf(std::string_view topic) const;
  std::optional<TopicReview> Find(std::string_view topic) const;

  // Up to `limit` decisions of one kind, by topic, behind `after`.
  std::vector<std::pair<std::string, TopicReview>> Page(bool approved, std::string_view after, std::size_t limit) const;

 private:
  mutable std::mutex mutex_;
  ReviewList list_;
};

}  // namespace tagswell
