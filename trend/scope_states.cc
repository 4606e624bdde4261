#include "trend/scope_states.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "proto/window.h"

namespace tagswell {
namespace {

// One in a hundred is never worth an alarm, however few topics there are.
constexpr double kBarMin = 2;

ScopeKind KindOf(std::string_view scope) {
  if (scope.starts_with("country:")) return ScopeKind::kCountry;
  if (scope.starts_with("lang:")) return ScopeKind::kLang;
  return scope.starts_with("source:") ? ScopeKind::kSource : ScopeKind::kWhole;
}

}  // namespace

void ScopeStates::Grow(std::size_t size) {
  while (states_.size() < size) {
    states_.push_back(std::make_unique<ScopeState>());
    states_.back()->kind = KindOf(scopes_.Name(ScopeId{static_cast<std::uint16_t>(states_.size() - 1)}));
  }
}

ScopeState& ScopeStates::operator[](ScopeId scope) {
  Grow(Index(scope) + 1);
  return *states_[Index(scope)];
}

void ScopeStates::AddMinute(Minute minute, std::span<const ComboPosts> posts) {
  minute_posts_.resize(scopes_.scope_count(), 0);
  Grow(scopes_.scope_count());
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
  std::array<int, kKinds> scopes_of_kind{};
  for (const auto& state : states_) {
    if (state->volume.Sum(now - kWindowMinutesMax, now) > 0) ++scopes_of_kind[static_cast<std::size_t>(state->kind)];
  }
  for (std::size_t i = 0; i < states_.size(); ++i) {
    ScopeState& state = *states_[i];
    // Known from posts of open minutes only: which scopes those are depends on what has come already.
    if (state.volume.first() == Minute{0}) continue;
    const auto kind = static_cast<std::size_t>(state.kind);
    const double day = std::max(1.0, state.volume.Sum(now - kWindowMinutesMax, now));
    // Every kind of scope has the whole budget, since an alarm that rings in several is one. Within a kind all scopes
    // that are in use have the same part, so that fewer people are heard in a village than in a nation.
    const double budget = alarm_budget_per_day / std::max(1, scopes_of_kind[kind]);
    state.bar = std::max(kBarMin, std::log10(state.new_topics.PerDay(now) / std::max(1e-9, budget)));
    // What the world would be told is not kept from the country where it happens.
    state.bar = std::min(state.bar, i == 0 ? state.bar : states_[0]->bar);
    state.echo_per_hour = std::clamp(state.new_topics.More(), 0.05, 0.5);
    const double hours = std::clamp((now - state.volume.first()) / 60.0, 1.0, 24.0);
    state.prior = {.shape = 1, .rate = std::max(1.0, day / hours) / state.echo_per_hour};
  }
}

void ScopeStates::Save(StateWriter& out) const {
  out.Put(static_cast<std::uint32_t>(states_.size()));
  for (const auto& state : states_) {
    out.Put(state->kind);
    state->volume.Save(out);
    state->new_topics.Save(out);
    out.Put(state->prior);
    out.Put(state->echo_per_hour);
    out.Put(state->bar);
  }
}

void ScopeStates::Load(StateReader& in) {
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    ScopeState& state = *states_.emplace_back(std::make_unique<ScopeState>());
    in.Get(state.kind);
    state.volume.Load(in);
    state.new_topics.Load(in);
    in.Get(state.prior);
    in.Get(state.echo_per_hour);
    in.Get(state.bar);
  }
}

}  // namespace tagswell
