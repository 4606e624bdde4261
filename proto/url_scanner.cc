#include "proto/url_scanner.h"

#include <algorithm>

#include "proto/top_level_domain.h"
#include "proto/utf8.h"

namespace tagswell {
namespace {

constexpr bool IsLetter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}
constexpr bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool IsAlphanumeric(char c) {
  return IsLetter(c) || IsDigit(c);
}

constexpr char32_t kEnDash = 0x2013;
constexpr char32_t kWideAt = 0xFF20;
constexpr char32_t kWideOpener = 0xFF03;

// Latin letters with accents and Cyrillic: what a path may hold beyond ASCII.
bool IsPathLetter(char32_t c) {
  return (c >= 0xC0 && c < 0x250 && c != 0xD7 && c != 0xF7) || (c >= 0x400 && c < 0x530);
}

bool EndsPath(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (!IsAscii(c)) return IsPathLetter(CodePointBefore(text, at + 1).value);
  return IsAlphanumeric(c) || std::string_view("+-=_#/)").contains(c);
}

bool IsQueryCharacter(char c) {
  return IsAlphanumeric(c) || std::string_view("!?*'@();:&=+$/%#[]-_.,~|").contains(c);
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) { return (IsLetter(a) ? a | 0x20 : a) == b; });
}

}  // namespace

std::size_t UrlScanner::DomainCharacterBytes(std::size_t at) const {
  const char c = At(at);
  if (IsAscii(c)) return IsAlphanumeric(c) ? 1 : 0;
  const CodePoint point = CodePointAt(text_, at);
  return table_.IsWord(point.value) ? point.bytes : 0;
}

bool UrlScanner::MayPrecedeUrl(std::size_t at) const {
  if (at == 0) return true;
  const char32_t before = CodePointBefore(text_, at).value;
  if (before == '@' || before == '$' || before == '#' || before == kWideAt || before == kWideOpener) return false;
  return before >= 0x80 || !IsAlphanumeric(static_cast<char>(before));
}

bool UrlScanner::HasProtocol(std::size_t host_begin) const {
  for (const std::string_view protocol : {"http://", "https://"}) {
    if (host_begin < protocol.size()) continue;
    const std::size_t begin = host_begin - protocol.size();
    if (EqualsIgnoringCase(text_.substr(begin, protocol.size()), protocol)) return MayPrecedeUrl(begin);
  }
  return false;
}

// Where the top-level domain ends that a label [begin, end) starts with; 0 if it starts with none.
std::size_t UrlScanner::TopLevelDomainEnd(std::size_t begin, std::size_t end, bool with_protocol) const {
  std::size_t at = begin;
  if (EqualsIgnoringCase(text_.substr(begin, 4), "xn--")) {
    at = end;
  } else if (with_protocol && !IsAscii(text_[begin])) {
    at = end;
  } else {
    while (at < end && IsLetter(text_[at])) ++at;
    const std::string_view letters = text_.substr(begin, at - begin);
    if (letters.size() < 2 || (!with_protocol && !IsTopLevelDomain(letters))) return 0;
  }
  return IsAlphanumeric(At(at)) || At(at) == '@' ? 0 : at;
}

// The host in a run [begin, end) of domain characters, '-', '_' and '.': the longest that ends with a top-level domain.
UrlScanner::Host UrlScanner::HostIn(std::size_t begin, std::size_t end) const {
  const bool with_protocol = HasProtocol(begin);
  if (!with_protocol) {
    if (!MayPrecedeUrl(begin)) return {};
    if (begin != 0 && std::string_view("-_./").contains(text_[begin - 1])) return {};
  }
  Host host;
  const std::string_view until_end = text_.substr(0, end);
  std::size_t dot = until_end.find('.', begin);
  while (dot < end) {
    if (dot == begin || text_[dot - 1] == '.' || text_[dot - 1] == '-' || text_[dot - 1] == '_') break;
    const std::size_t label_end = std::min(until_end.find('.', dot + 1), end);
    if (dot + 1 == label_end) break;
    if (const std::size_t found = TopLevelDomainEnd(dot + 1, label_end, with_protocol); found != 0) host.end = found;
    dot = label_end;
  }
  host.is_tco = with_protocol && host.end != 0 && EqualsIgnoringCase(text_.substr(begin, host.end - begin), "t.co");
  return host;
}

std::size_t UrlScanner::PathCharacterBytes(std::size_t at) const {
  const char c = At(at);
  if (IsAscii(c)) return IsAlphanumeric(c) || std::string_view("!*';:=+,.$/%#[]-_~@|&").contains(c) ? 1 : 0;
  const CodePoint point = CodePointAt(text_, at);
  return point.value == kEnDash || IsPathLetter(point.value) ? point.bytes : 0;
}

// Behind the ')' that closes the '(' at `at`, with path characters and at most one more pair inside.
std::size_t UrlScanner::ParenthesesEnd(std::size_t at, int depth) const {
  for (std::size_t i = at + 1; i < text_.size();) {
    if (text_[i] == ')') return i > at + 1 ? i + 1 : 0;
    std::size_t bytes = PathCharacterBytes(i);
    if (text_[i] == '(' && depth == 0) {
      const std::size_t inner = ParenthesesEnd(i, 1);
      bytes = inner == 0 ? 0 : inner - i;
    }
    if (bytes == 0) return 0;
    i += bytes;
  }
  return 0;
}

// Behind the path that starts with the '/' at `at`. The last characters of a sentence do not belong to it.
std::size_t UrlScanner::PathEnd(std::size_t at) const {
  std::size_t end = at + 1;
  while (end < text_.size()) {
    if (text_[end] == '(') {
      const std::size_t closed = ParenthesesEnd(end, 0);
      if (closed == 0) break;
      end = closed;
    } else if (const std::size_t bytes = PathCharacterBytes(end); bytes != 0) {
      end += bytes;
    } else {
      break;
    }
  }
  while (end > at + 1 && !EndsPath(text_, end - 1)) --end;
  return end;
}

std::size_t UrlScanner::QueryEnd(std::size_t at) const {
  std::size_t end = at + 1;
  while (IsQueryCharacter(At(end))) ++end;
  while (end > at + 1 && !IsAlphanumeric(text_[end - 1]) && !std::string_view("-_&=#/").contains(text_[end - 1])) --end;
  return end > at + 1 ? end : at;
}

std::size_t UrlScanner::UrlEnd(Host host) const {
  std::size_t end = host.end;
  if (At(end) == ':' && IsDigit(At(end + 1))) {
    ++end;
    while (IsDigit(At(end))) ++end;
  }
  if (At(end) == '/') {
    if (host.is_tco && IsAlphanumeric(At(end + 1))) {
      do ++end;
      while (IsAlphanumeric(At(end)));
    } else {
      end = PathEnd(end);
    }
  }
  return At(end) == '?' ? QueryEnd(end) : end;
}

bool UrlScanner::Covers(std::size_t at) {
  if (at < url_end_) return true;
  // A URL that holds `at` starts in the same word, and no host holds a '#': what was seen before need not be seen
  // again.
  const std::size_t floor = std::max(seen_, url_end_);
  std::size_t i = at;
  while (i > floor && static_cast<unsigned char>(text_[i - 1]) > ' ') --i;
  seen_ = at;
  while (i < at) {
    const std::size_t bytes = DomainCharacterBytes(i);
    if (bytes == 0) {
      i += CodePointAt(text_, i).bytes;
      continue;
    }
    const std::size_t begin = i;
    for (std::size_t more = bytes; more != 0;) {
      i += more;
      const char c = At(i);
      more = c == '-' || c == '_' || c == '.' ? 1 : DomainCharacterBytes(i);
    }
    if (const Host host = HostIn(begin, i); host.end != 0) {
      url_end_ = UrlEnd(host);
      if (at < url_end_) return true;
      i = std::max(i, url_end_);
    }
  }
  return false;
}

}  // namespace tagswell
