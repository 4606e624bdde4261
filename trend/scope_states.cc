#include "trend/scope_states.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "proto/window.h"

namespace tagswell {
namespace {

int KindOf(std::string_view scope) {
  if (scope.starts_with("country:")) return 1;
  if (scope.starts_with("lang:")) return 2;
  return scope.starts_with("source:") ? 3 : 0;
}

}  // namespace

ScopeState& ScopeStates::operator[](ScopeId scope) {
  while (states_.size() <= Index(scope)) states_.push_back(std::make_unique<ScopeState>());
  return *states_[Index(scope)];
}

void ScopeStates::AddMinute(Minute minute, std::span<const ComboPosts> posts) {
  minute_posts_.resize(scopes_.scope_count(), 0);
  while (states_.size() < scopes_.scope_count()) states_.push_back(std::make_unique<ScopeState>());
  for (const ComboPosts& of : posts) {
    for (const ScopeId scope : scopes_.ScopesOf(of.combo)) minute_posts_[Index(scope)] += of.posts;
  }
  // Silent scopes need no step: a volume fills its silence in when it is heard of again.
  for (const ComboPosts& of : posts) {
    for (const ScopeId scope : scopes_.ScopesOf(of.combo)) {
      const std::uint32_t sum = std::exchange(minute_posts_[Index(scope)], 0);
      if (sum > 0) states_[Index(scope)]->volume.Close(minute, sum);
    }
  }
}

void ScopeStates::Refresh(Minute now, double alarm_budget_per_day) {
  std::array<double, 4> day_of_kind{};
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const auto kind = static_cast<std::size_t>(KindOf(scopes_.Name(ScopeId{static_cast<std::uint16_t>(i)})));
    day_of_kind[kind] += states_[i]->volume.Sum(now - kWindowMinutesMax, now);
  }
  for (std::size_t i = 0; i < states_.size(); ++i) {
    ScopeState& state = *states_[i];
    // Known from posts of open minutes only: which scopes those are depends on what has come already.
    if (state.volume.first() == Minute{0}) continue;
    const auto kind = static_cast<std::size_t>(KindOf(scopes_.Name(ScopeId{static_cast<std::uint16_t>(i)})));
    const double day = state.volume.Sum(now - kWindowMinutesMax, now);
    // Every kind of scope gets a quarter of the alarms, shared by how much is posted there.
    state.budget_per_day = alarm_budget_per_day / 4 * std::max(1e-4, day / std::max(1.0, day_of_kind[kind]));
    const BurstTail& hourly = state.tails[1];
    state.runs_per_day = hourly.RunsPerDay(now);
    for (std::size_t span = 0; span < kSpans.size(); ++span) {
      state.ratio_prior[span] = i == 0 ? BurstTail::kRatioUnknown : states_[0]->tails[span].Ratio();
    }
    if (state.first_day && now - state.volume.first() >= kWindowMinutesMax) {
      state.first_day = false;
      for (BurstTail& tail : state.tails) tail.ForgetLevels();
    }
    // A new topic that has one author goes on to gather this many more within the hour.
    double more = 0;
    for (int level = 2; level <= 8; ++level) more += hourly.PerDay(level, now) / std::max(1e-9, state.runs_per_day);
    const double hours = std::clamp((now - state.volume.first()) / 60.0, 1.0, 24.0);
    state.prior = {.shape = 1, .rate = std::max(1.0, day / hours) / std::max(0.05, more)};
  }
}

void ScopeStates::Save(StateWriter& out) const {
  out.Put(static_cast<std::uint32_t>(states_.size()));
  for (const auto& state : states_) {
    state->volume.Save(out);
    for (const BurstTail& tail : state->tails) tail.Save(out);
    out.Put(state->prior);
    out.Put(state->budget_per_day);
    out.Put(state->runs_per_day);
    out.Put(state->ratio_prior);
    out.Put(state->first_day);
  }
}

void ScopeStates::Load(StateReader& in) {
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    ScopeState& state = *states_.emplace_back(std::make_unique<ScopeState>());
    state.volume.Load(in);
    for (BurstTail& tail : state.tails) tail.Load(in);
    in.Get(state.prior);
    in.Get(state.budget_per_day);
    in.Get(state.runs_per_day);
    in.Get(state.ratio_prior);
    in.Get(state.first_day);
  }
}

}  // namespace tagswell
