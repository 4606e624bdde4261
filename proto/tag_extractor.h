// Finds the hashtags of a text by twitter-text 3's rules, from left to right.
//
// A hashtag is '#' or U+FF03 and the longest run of letters, marks, decimal digits, '_' and a few special characters
// behind it, with at least one letter or mark in it. None starts behind a character of that kind or '&', inside a URL,
// or as a keycap; none is followed by another opener or "://". One of more than kTagBytesMax bytes is none.
// Letters are those of ICU's Unicode version. A text without an opener costs two searches for a byte.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "proto/character_table.h"
#include "proto/url_scanner.h"

namespace tagswell {

inline constexpr std::size_t kTagBytesMax = 1024;

// A hashtag's place in its text, in bytes.
struct TagSpan {
  std::size_t begin = 0;  // of the opener
  std::size_t body = 0;   // behind the opener
  std::size_t end = 0;
  bool is_key = false;  // the body is its own key: ASCII without capitals (other bodies may be, too)
};

class TagExtractor {
 public:
  // `text` is valid UTF-8 and outlives the extractor.
  explicit TagExtractor(std::string_view text);

  std::optional<TagSpan> Next();

 private:
  std::size_t NextOpener();
  bool MayStartAt(std::size_t opener) const;
  bool MayEndAt(std::size_t end) const;
  bool MayBeInUrl(std::size_t opener) const;
  std::size_t FindWide(std::size_t from) const;

  std::string_view text_;
  const CharacterTable& table_;
  UrlScanner urls_;
  std::size_t at_ = 0;
  std::size_t hash_ = 0;  // the next '#' and the next U+FF03 at or behind at_; npos: none
  std::size_t wide_ = 0;
};

// Whether `text` holds a letter or mark, so that it can be a tag.
bool HoldsLetter(std::string_view text);

}  // namespace tagswell
