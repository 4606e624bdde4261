#include "server/pipeline/topic_reviews.h"

namespace tagswell {

void TopicReviews::Restore(const ReviewList& list) {
  const std::lock_guard lock(mutex_);
  list_ = list;
}

std::expected<std::optional<ReviewChange>, Error> TopicReviews::Plan(const ReviewCall& call, Timestamp at) const {
  const std::lock_guard lock(mutex_);
  const TopicReview* decision = list_.Find(call.topic);
  ReviewChange change{.word = ReviewWord::kTakenBack, .topic = call.topic, .at = at, .by = call.by};
  if (!call.approve) {
    if (decision == nullptr) return std::unexpected(Error{"not_found", "Nothing was decided about this topic."});
    return change;
  }
  if (decision != nullptr && decision->approved == *call.approve) return std::nullopt;
  if (decision == nullptr && list_.all().size() >= kTopicsMax) {
    return std::unexpected(
        Error{"too_many_reviews", "At most " + std::to_string(kTopicsMax) + " topics may be decided about.", "topic"});
  }
  change.word = *call.approve ? ReviewWord::kApproved : ReviewWord::kRejected;
  return change;
}

std::optional<ReviewChange> TopicReviews::PlanConfigured(bool required, Timestamp at) const {
  if (required == this->required()) return std::nullopt;
  return ReviewChange{
      .word = required ? ReviewWord::kRequired : ReviewWord::kNotRequired, .topic = {}, .at = at, .by = {}};
}

void TopicReviews::Apply(const ReviewChange& change) {
  const std::lock_guard lock(mutex_);
  list_.Apply(change);
}

bool TopicReviews::required() const {
  const std::lock_guard lock(mutex_);
  return list_.required();
}

ReviewState TopicReviews::StateOf(std::string_view topic) const {
  const std::lock_guard lock(mutex_);
  return list_.StateOf(topic);
}

std::optional<TopicReview> TopicReviews::Find(std::string_view topic) const {
  const std::lock_guard lock(mutex_);
  const TopicReview* decision = list_.Find(topic);
  return decision == nullptr ? std::nullopt : std::optional(*decision);
}

std::vector<std::pair<std::string, TopicReview>> TopicReviews::Page(bool approved, std::string_view after,
                                                                    std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, TopicReview>> page;
  for (auto it = list_.all().upper_bound(after); it != list_.all().end() && page.size() < limit; ++it) {
    if (it->second.approved == approved) page.push_back(*it);
  }
  return page;
}

}  // namespace tagswell
