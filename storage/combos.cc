#include "storage/combos.h"

#include "storage/history_cell.h"

namespace tagswell {

std::uint32_t Combos::NumberOf(const Post& post) {
  key_.assign(post.lang);
  key_.push_back('\0');
  key_.append(post.country);
  key_.push_back('\0');
  key_.append(post.source);
  if (const auto known = numbers_.find(key_); known != numbers_.end()) return known->second;
  if (combos_.size() == kCombosMax) return kOther;
  Restore(key_);
  return size() - 1;
}

void Combos::Restore(std::string_view stored) {
  numbers_.emplace(stored, size());
  combos_.emplace_back(stored);
}

std::expected<std::vector<bool>, Error> Combos::InScope(std::string_view scope) const {
  if (scope == "world") return std::vector<bool>(combos_.size(), true);
  const std::size_t colon = scope.find(':');
  const std::string_view kind = scope.substr(0, colon);
  const std::string_view name = colon == std::string_view::npos ? std::string_view() : scope.substr(colon + 1);
  if (name.empty() || (kind != "country" && kind != "lang" && kind != "source")) {
    return std::unexpected(Error{
        .code = "bad_scope", .detail = "scope must be world, country:XX, lang:xx or source:name", .field = "scope"});
  }
  std::vector<bool> in_scope(combos_.size(), false);
  for (std::size_t number = 1; number < combos_.size(); ++number) {
    const std::string_view combo = combos_[number];
    const std::size_t lang_end = combo.find('\0');
    const std::size_t country_end = combo.find('\0', lang_end + 1);
    const std::string_view part = kind == "lang"      ? combo.substr(0, lang_end)
                                  : kind == "country" ? combo.substr(lang_end + 1, country_end - lang_end - 1)
                                                      : combo.substr(country_end + 1);
    in_scope[number] = part == name;
  }
  return in_scope;
}

}  // namespace tagswell
