// Tells whether a '#' stands inside a URL, by twitter-text 3's idea of a URL.
//
// With "http://" or "https://" any host with a dot counts; without a protocol the last label must be a country code or
// one of the usual generic domains. Links of t.co end behind their slug. One text from left to right, in O(its length)
// all together: positions must not fall.
#pragma once

#include <cstddef>
#include <string_view>

#include "proto/character_table.h"

namespace tagswell {

class UrlScanner {
 public:
  // `text` is valid UTF-8 and outlives the scanner.
  UrlScanner(std::string_view text, const CharacterTable& table) : text_(text), table_(table) {}

  // `at` is the offset of a '#', not smaller than at the last call.
  bool Covers(std::size_t at);

 private:
  struct Host {
    std::size_t end = 0;  // 0: no host
    bool is_tco = false;
  };

  char At(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  std::size_t DomainCharacterBytes(std::size_t at) const;  // 0: none stands there
  bool HasProtocol(std::size_t host_begin) const;
  bool MayPrecedeUrl(std::size_t at) const;
  Host HostIn(std::size_t begin, std::size_t end) const;
  std::size_t TopLevelDomainEnd(std::size_t begin, std::size_t end, bool with_protocol) const;
  std::size_t UrlEnd(Host host) const;
  std::size_t PathCharacterBytes(std::size_t at) const;
  std::size_t ParenthesesEnd(std::size_t at, int depth) const;  // 0: not balanced
  std::size_t PathEnd(std::size_t at) const;
  std::size_t QueryEnd(std::size_t at) const;

  std::string_view text_;
  const CharacterTable& table_;
  std::size_t seen_ = 0;     // everything before was looked at
  std::size_t url_end_ = 0;  // of the last URL found
};

}  // namespace tagswell
