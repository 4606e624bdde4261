// The scopes of the stream ("world", "country:FR", "lang:fr", "source:twitter") and the few combinations of them that
// posts come in. A post has one combination; a combination has one to four scopes.
// Not thread-safe: the engine owns it.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tagswell {

enum class ScopeId : std::uint16_t {};
enum class ComboId : std::uint16_t {};

inline constexpr ScopeId kWorld{0};

constexpr std::size_t Index(ScopeId scope) {
  return static_cast<std::size_t>(scope);
}
constexpr std::size_t Index(ComboId combo) {
  return static_cast<std::size_t>(combo);
}

class ScopeTable {
 public:
  // At the bound a new country, language or source gets no scope of its own; its posts still count in the others.
  static constexpr std::size_t kScopesMax = 4096;
  // At the bound a new combination is counted in the world only.
  static constexpr std::size_t kCombosMax = 65'000;

  ScopeTable();

  // O(1). Empty lang or country: unknown, no scope.
  ComboId ComboOf(std::string_view lang, std::string_view country, std::string_view source);

  // World first, then country, lang, source where known.
  std::span<const ScopeId> ScopesOf(ComboId combo) const;

  std::string_view Name(ScopeId scope) const { return names_[Index(scope)]; }
  std::optional<ScopeId> Find(std::string_view name) const;
  std::size_t scope_count() const { return names_.size(); }
  std::size_t combo_count() const { return combos_.size(); }

  // The source scope of a combination; nullopt when it has none.
  std::optional<ScopeId> SourceOf(ComboId combo) const { return combos_[Index(combo)].source; }
  bool IsCountry(ScopeId scope) const { return Name(scope).starts_with("country:"); }

  // For checkpoints: everything that Restore needs, in the order of ids.
  std::vector<std::array<std::string, 3>> Combos() const;

 private:
  struct Combo {
    std::array<ScopeId, 4> scopes;
    std::uint8_t count = 0;
    std::optional<ScopeId> source;
    std::array<std::string, 3> parts;  // lang, country, source
  };

  ComboId FindOrAdd(std::string_view lang, std::string_view country, std::string_view source);
  std::optional<ScopeId> Intern(std::string_view prefix, std::string_view value);

  std::deque<std::string> names_;  // a deque: ids_ keeps views into it
  std::vector<Combo> combos_;
  absl::flat_hash_map<std::string_view, ScopeId> ids_;
  absl::flat_hash_map<std::string, ComboId> combo_ids_;
  std::string lookup_;
  // The combinations met lately, by a few of their bytes: most posts find theirs here without hashing.
  std::array<ComboId, 1024> recent_{};
};

// A scope and the combinations that belong to it, so that raw hits can be filtered without a lookup each.
class ScopeFilter {
 public:
  ScopeFilter(const ScopeTable& scopes, ScopeId scope);
  ScopeId scope() const { return scope_; }
  bool Has(ComboId combo) const { return scope_ == kWorld || members_[Index(combo)]; }

 private:
  ScopeId scope_;
  std::vector<bool> members_;
};

}  // namespace tagswell
