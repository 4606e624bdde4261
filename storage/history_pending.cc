#include "storage/history_pending.h"

namespace tagswell {

void HistoryPending::Add(const Mention& mention, Minute minute, std::uint32_t combo, std::uint64_t author_code,
                         std::int64_t posts) {
  auto number = numbers_.find(mention.topic);
  if (number == numbers_.end()) {
    number = numbers_.emplace(mention.topic, static_cast<std::uint32_t>(topics_.size())).first;
    topics_.push_back({.topic = &number->first, .spellings = {}});
  }
  const auto minutes = static_cast<std::uint32_t>(minute);
  hours_[minutes / 60][number->second].push_back({CellKey::Of(minutes % 60, combo, author_code), posts});
  ++rows_;
  if (!mention.by_phrase) topics_[number->second].spellings.Add(mention.spelling, posts);
}

const HistoryPending::Rows* HistoryPending::Find(std::uint32_t hour, std::string_view topic) const {
  const auto cells = hours_.find(hour);
  if (cells == hours_.end()) return nullptr;
  const auto number = numbers_.find(topic);
  if (number == numbers_.end()) return nullptr;
  const auto rows = cells->second.find(number->second);
  return rows == cells->second.end() ? nullptr : &rows->second;
}

const Spellings* HistoryPending::FindSpellings(std::string_view topic) const {
  const auto number = numbers_.find(topic);
  return number == numbers_.end() ? nullptr : &topics_[number->second].spellings;
}

}  // namespace tagswell
