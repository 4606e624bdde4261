#include "trend/scope_table.h"

#include <algorithm>

namespace tagswell {
namespace {

std::size_t Slot(std::string_view lang, std::string_view country, std::string_view source) {
  std::size_t hash = source.size();
  for (const std::string_view part : {lang, country, source}) {
    for (const std::size_t at : {std::size_t{0}, std::size_t{1}})
      hash = hash * 31 + (at < part.size() ? static_cast<unsigned char>(part[at]) : 0);
  }
  return (hash ^ (hash >> 10)) % 1024;
}

}  // namespace

ScopeTable::ScopeTable() {
  names_.emplace_back("world");
  ids_.emplace(names_.back(), kWorld);
  // Combination 0 is the world alone: where everything beyond the bound goes.
  ComboOf({}, {}, {});
}

std::optional<ScopeId> ScopeTable::Intern(std::string_view prefix, std::string_view value) {
  if (value.empty()) return std::nullopt;
  std::string name(prefix);
  name += value;
  if (const auto it = ids_.find(name); it != ids_.end()) return it->second;
  if (names_.size() == kScopesMax) return std::nullopt;
  const ScopeId id{static_cast<std::uint16_t>(names_.size())};
  names_.push_back(std::move(name));
  ids_.emplace(names_.back(), id);
  return id;
}

ComboId ScopeTable::ComboOf(std::string_view lang, std::string_view country, std::string_view source) {
  ComboId& recent = recent_[Slot(lang, country, source)];
  if (Index(recent) < combos_.size()) {
    const std::array<std::string, 3>& parts = combos_[Index(recent)].parts;
    if (parts[0] == lang && parts[1] == country && parts[2] == source) return recent;
  }
  recent = FindOrAdd(lang, country, source);
  return recent;
}

ComboId ScopeTable::FindOrAdd(std::string_view lang, std::string_view country, std::string_view source) {
  lookup_.assign(lang).append(1, '\0').append(country).append(1, '\0').append(source);
  if (const auto it = combo_ids_.find(lookup_); it != combo_ids_.end()) return it->second;
  if (combos_.size() == kCombosMax) return ComboId{0};

  Combo combo{.scopes = {kWorld},
              .count = 1,
              .source = {},
              .parts = {std::string(lang), std::string(country), std::string(source)}};
  if (const auto scope = Intern("country:", country)) combo.scopes[combo.count++] = *scope;
  if (const auto scope = Intern("lang:", lang)) combo.scopes[combo.count++] = *scope;
  if (const auto scope = Intern("source:", source)) {
    combo.scopes[combo.count++] = *scope;
    combo.source = *scope;
  }
  const ComboId id{static_cast<std::uint16_t>(combos_.size())};
  combos_.push_back(std::move(combo));
  combo_ids_.emplace(lookup_, id);
  return id;
}

std::span<const ScopeId> ScopeTable::ScopesOf(ComboId combo) const {
  const Combo& found = combos_[Index(combo)];
  return {found.scopes.data(), found.count};
}

std::optional<ScopeId> ScopeTable::Find(std::string_view name) const {
  const auto it = ids_.find(name);
  if (it == ids_.end()) return std::nullopt;
  return it->second;
}

std::vector<std::array<std::string, 3>> ScopeTable::Combos() const {
  std::vector<std::array<std::string, 3>> parts;
  parts.reserve(combos_.size());
  for (const Combo& combo : combos_) parts.push_back(combo.parts);
  return parts;
}

ScopeFilter::ScopeFilter(const ScopeTable& scopes, ScopeId scope) : scope_(scope) {
  if (scope == kWorld) return;
  members_.resize(scopes.combo_count());
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const auto in = scopes.ScopesOf(ComboId{static_cast<std::uint16_t>(i)});
    members_[i] = std::find(in.begin(), in.end(), scope) != in.end();
  }
}

}  // namespace tagswell
