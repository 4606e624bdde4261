#include "trend/spelling_counts.h"

#include <algorithm>

namespace tagswell {
namespace {

constexpr char kToCapital = 'a' - 'A';

// Which bytes of `spelling` are the capitals of those of `name`; nullopt when they differ otherwise.
std::optional<std::uint64_t> CapitalsOf(std::string_view name, std::string_view spelling) {
  if (name == spelling) return 0;
  if (name.size() != spelling.size() || name.size() > 64) return std::nullopt;
  std::uint64_t capitals = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == spelling[i]) continue;
    if (name[i] < 'a' || name[i] > 'z' || spelling[i] != name[i] - kToCapital) return std::nullopt;
    capitals |= std::uint64_t{1} << i;
  }
  return capitals;
}

std::string WithCapitals(std::string_view name, std::uint64_t capitals) {
  std::string spelling(name);
  for (std::size_t i = 0; capitals != 0; ++i, capitals >>= 1) {
    if ((capitals & 1) != 0) spelling[i] = static_cast<char>(spelling[i] - kToCapital);
  }
  return spelling;
}

}  // namespace

std::uint8_t SpellingCounts::Add(std::string_view name, std::string_view spelling) {
  if (counts_ == nullptr) {
    const auto capitals = CapitalsOf(name, spelling);
    if (capitals && (only_.used == 0 || *capitals == capitals_)) {
      capitals_ = *capitals;
      ++only_.used;
      return 0;
    }
    counts_ = std::make_unique<std::vector<Count>>();
    if (only_.used > 0) counts_->push_back({WithCapitals(name, capitals_), only_});
  }
  for (std::size_t i = 0; i < counts_->size(); ++i) {
    if ((*counts_)[i].spelling != spelling) continue;
    ++(*counts_)[i].uses.used;
    return static_cast<std::uint8_t>(i);
  }
  if (counts_->size() == kSpellingsMax) return kSpellingsMax;
  counts_->reserve(counts_->size() + 1);
  counts_->push_back({.spelling = std::string(spelling), .uses = {.used = 1}});
  return static_cast<std::uint8_t>(counts_->size() - 1);
}

void SpellingCounts::Close(std::uint8_t spelling) {
  if (counts_ == nullptr) {
    ++only_.closed;
  } else if (spelling < counts_->size()) {
    ++(*counts_)[spelling].uses.closed;
  }
}

void SpellingCounts::Remove(std::string_view name, std::string_view spelling, bool closed) {
  const auto remove_from = [closed](Uses& uses) {
    if (uses.used > 0) --uses.used;
    if (closed && uses.closed > 0) --uses.closed;
  };
  if (counts_ == nullptr) {
    if (CapitalsOf(name, spelling) == capitals_) remove_from(only_);
    return;
  }
  for (Count& count : *counts_) {
    if (count.spelling == spelling) remove_from(count.uses);
  }
}

std::string SpellingCounts::BestBy(std::string_view name, std::uint32_t Uses::* by) const {
  if (counts_ == nullptr) return only_.*by == 0 ? std::string() : WithCapitals(name, capitals_);
  const Count* best = nullptr;
  for (const Count& count : *counts_) {
    const std::uint32_t uses = count.uses.*by;
    if (uses == 0) continue;
    if (best == nullptr || uses > best->uses.*by || (uses == best->uses.*by && count.spelling < best->spelling))
      best = &count;
  }
  return best == nullptr ? std::string() : best->spelling;
}

std::size_t SpellingCounts::memory_bytes() const {
  return counts_ == nullptr ? 0 : sizeof *counts_ + counts_->capacity() * sizeof(Count);
}

void SpellingCounts::Save(StateWriter& out) const {
  out.Put(counts_ != nullptr);
  if (counts_ == nullptr) {
    out.Put(capitals_);
    out.Put(only_);
    return;
  }
  out.Put(static_cast<std::uint32_t>(counts_->size()));
  for (const Count& count : *counts_) {
    out.Put(count.spelling);
    out.Put(count.uses);
  }
}

void SpellingCounts::Load(StateReader& in) {
  if (!in.Get<bool>()) {
    in.Get(capitals_);
    in.Get(only_);
    return;
  }
  counts_ = std::make_unique<std::vector<Count>>();
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    Count& count = counts_->emplace_back();
    in.Get(count.spelling);
    in.Get(count.uses);
  }
}

}  // namespace tagswell
