// The canonical key of a hashtag: NFKC, then full Unicode case folding, then NFKC again. Two spellings are one tag when
// their keys are equal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tagswell {

// The part of it that needs no ICU: writes the key of `spelling` letter by letter and returns its end, or null if a
// letter composes or expands. `out` has room for FoldedBytesMax(spelling).
char* FoldByTable(std::string_view spelling, char* out);
constexpr std::size_t FoldedBytesMax(std::string_view spelling) {
  return 3 * spelling.size();
}

// Appends the key of `spelling` (valid UTF-8, without '#') to `out`. ASCII and every script whose letters fold one by
// one take a table; only what composes or expands goes through ICU.
void AppendTagKey(std::string_view spelling, std::string& out);

// The same as a string of its own; a leading '#' or U+FF03 is dropped first. For names that people type.
std::string TagKey(std::string_view tag);

// `tag` without a leading '#' or U+FF03.
std::string_view WithoutOpener(std::string_view tag);

}  // namespace tagswell
