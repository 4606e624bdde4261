#include "trend/scope_table.h"

namespace tagswell {

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
  lookup_.assign(lang).append(1, '\0').append(country).append(1, '\0').append(source);
  if (const auto it = combo_ids_.find(lookup_); it != combo_ids_.end()) return it->second;
  if (combos_.size() == kCombosMax) return ComboId{0};

  Combo combo{.scopes = {kWorld}, .count = 1, .source = {}, .parts = {std::string(lang), std::string(country), std::string(source)}};
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

}  // namespace tagswell
