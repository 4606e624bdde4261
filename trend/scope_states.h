// What is known of every scope: its volume, its chatter, its part of the alarms. Indexed by scope.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "trend/judge.h"
#include "trend/scope_table.h"

namespace tagswell {

// The posts of one minute in one combination of scopes, with or without topics.
struct ComboPosts {
  ComboId combo;
  std::uint32_t posts;
};

class ScopeStates {
 public:
  explicit ScopeStates(const ScopeTable& scopes) : scopes_(scopes) {}

  ScopeState& operator[](ScopeId scope);
  // Precondition: AddMinute has been called since the scope was interned.
  const ScopeState& At(ScopeId scope) const { return *states_[Index(scope)]; }

  // The posts of a closed minute.
  void AddMinute(Minute minute, std::span<const ComboPosts> posts);

  // Shares the alarms among the scopes and renews what is derived from volumes and tails. O(scopes).
  void Refresh(Minute now, double alarm_budget_per_day);

  std::size_t memory_bytes() const { return states_.size() * (sizeof(ScopeState) + ScopeVolume::kMinutesKept * 8); }
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  static constexpr std::size_t kKinds = 4;
  void Grow(std::size_t size);

  const ScopeTable& scopes_;
  std::vector<std::unique_ptr<ScopeState>> states_;
  std::vector<std::uint32_t> minute_posts_;  // scratch of AddMinute
};

}  // namespace tagswell
