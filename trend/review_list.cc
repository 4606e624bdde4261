#include "trend/review_list.h"

#include <cstdint>
#include <utility>

namespace tagswell {

void ReviewList::Apply(const ReviewChange& change) {
  switch (change.word) {
    case ReviewWord::kApproved:
    case ReviewWord::kRejected:
      decisions_.insert_or_assign(
          std::string(change.topic),
          TopicReview{
              .approved = change.word == ReviewWord::kApproved, .since = change.at, .by = std::string(change.by)});
      return;
    case ReviewWord::kTakenBack:
      if (const auto found = decisions_.find(change.topic); found != decisions_.end()) decisions_.erase(found);
      return;
    case ReviewWord::kRequired:
      required_ = true;
      return;
    case ReviewWord::kNotRequired:
      required_ = false;
      return;
  }
}

const TopicReview* ReviewList::Find(std::string_view topic) const {
  const auto found = decisions_.find(topic);
  return found == decisions_.end() ? nullptr : &found->second;
}

ReviewState ReviewList::StateOf(std::string_view topic) const {
  if (const TopicReview* decision = Find(topic))
    return decision->approved ? ReviewState::kShown : ReviewState::kRejected;
  return required_ ? ReviewState::kWaiting : ReviewState::kShown;
}

void ReviewList::Save(StateWriter& out) const {
  out.Put(required_);
  out.Put(static_cast<std::uint32_t>(decisions_.size()));
  for (const auto& [topic, decision] : decisions_) {
    out.Put(topic);
    out.Put(decision.approved);
    out.Put(decision.since);
    out.Put(decision.by);
  }
}

void ReviewList::Load(StateReader& in) {
  in.Get(required_);
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    std::string topic;
    TopicReview decision;
    in.Get(topic);
    in.Get(decision.approved);
    in.Get(decision.since);
    in.Get(decision.by);
    decisions_.emplace(std::move(topic), std::move(decision));
  }
}

}  // namespace tagswell
