// What Twitter's field "lang" says.
#pragma once

#include <string_view>

namespace tagswell {

// BCP 47 for it; a null view where it says that there is no language, or none that was recognised.
constexpr std::string_view TwitterLanguage(std::string_view lang) {
  if (lang == "und" || lang == "zxx" || lang == "art" || (lang.size() == 3 && lang.starts_with('q'))) return {};
  if (lang == "in") return "id";  // names that ISO 639 has given up
  if (lang == "iw") return "he";
  return lang;
}

}  // namespace tagswell
