#include "proto/html_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "proto/utf8.h"

namespace tagswell {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 24> kNamed = {{
    {"amp", "&"},    {"lt", "<"},    {"gt", ">"},    {"quot", "\""}, {"apos", "'"},   {"nbsp", "\u00A0"},
    {"hellip", "…"}, {"mdash", "—"}, {"ndash", "–"}, {"lsquo", "‘"}, {"rsquo", "’"},  {"ldquo", "“"},
    {"rdquo", "”"},  {"laquo", "«"}, {"raquo", "»"}, {"bull", "•"},  {"middot", "·"}, {"copy", "©"},
    {"reg", "®"},    {"trade", "™"}, {"euro", "€"},  {"pound", "£"}, {"deg", "°"},    {"shy", "\u00AD"},
}};
constexpr std::size_t kReferenceBytesMax = 12;

constexpr std::array<std::string_view, 24> kBlocks = {
    "address", "article", "blockquote", "dd", "div", "dl", "dt",  "figcaption", "figure", "h1", "h2", "h3",
    "h4",      "h5",      "h6",         "hr", "li",  "ol", "pre", "section",    "table",  "td", "tr", "ul"};

constexpr bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
constexpr bool IsLetter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

// The character that a reference stands for, `inside` being what is between '&' and ';'. Nothing if it is none.
std::string Resolve(std::string_view inside) {
  if (!inside.starts_with('#')) {
    const auto* const named = std::ranges::find(kNamed, inside, &std::pair<std::string_view, std::string_view>::first);
    return named == kNamed.end() ? std::string() : std::string(named->second);
  }
  inside.remove_prefix(1);
  const bool is_hex = inside.starts_with('x') || inside.starts_with('X');
  if (is_hex) inside.remove_prefix(1);
  std::uint32_t point = 0;
  const char* const end = inside.data() + inside.size();
  const auto [stop, error] = std::from_chars(inside.data(), end, point, is_hex ? 16 : 10);
  if (inside.empty() || stop != end || error == std::errc::invalid_argument) return {};
  const bool is_character =
      error == std::errc{} && point != 0 && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
  std::array<char, 4> bytes;
  return {bytes.data(), PutCodePoint(is_character ? char32_t{point} : U'\uFFFD', bytes.data())};
}

// Takes a reference off the front of `text`, which begins with '&', and appends its character. False: there is none.
bool TakeReference(std::string_view& text, std::string& out) {
  const std::size_t end = text.substr(0, kReferenceBytesMax).find(';');
  if (end == text.npos) return false;
  const std::string character = Resolve(text.substr(1, end - 1));
  if (character.empty()) return false;
  out += character;
  text.remove_prefix(end + 1);
  return true;
}

// Writes text as it will be seen: runs of white space as one, blocks on lines of their own.
class TextWriter {
 public:
  explicit TextWriter(std::string& out) : out_(out), begin_(out.size()) {}

  void Space() { space_ = true; }
  void Break() {
    ++breaks_;
    space_ = false;
  }
  void Block(int newlines) {
    newlines_ = std::max(newlines_, newlines);
    space_ = false;
  }
  // The end of the text, for the next character to be appended.
  std::string& Next() {
    if (out_.size() > begin_) {
      const int newlines = std::max(newlines_, breaks_);
      out_.append(static_cast<std::size_t>(newlines), '\n');
      if (newlines == 0 && space_) out_ += ' ';
    }
    newlines_ = breaks_ = 0;
    space_ = false;
    return out_;
  }

 private:
  std::string& out_;
  const std::size_t begin_;
  int newlines_ = 0;  // of blocks that ended or begin here
  int breaks_ = 0;
  bool space_ = false;
};

// Behind a tag's '>', which may stand in quotes before. A tag that does not end takes the rest.
std::size_t EndOfTag(std::string_view html) {
  char quote = '\0';
  for (std::size_t i = 0; i < html.size(); ++i) {
    const char c = html[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return i + 1;
    }
  }
  return html.size();
}

std::string LowerName(std::string_view tag) {
  std::string name;
  for (const char c : tag) {
    if (!IsLetter(c) && (c < '0' || c > '9')) break;
    name += static_cast<char>(c | 0x20);
  }
  return name;
}

// Passes over what stands between <script> or <style> and its end.
void SkipUntilEndOf(std::string_view name, std::string_view& html) {
  while (true) {
    const std::size_t end = html.find("</");
    if (end == html.npos) {
      html = {};
      return;
    }
    html.remove_prefix(end + 2);
    if (LowerName(html.substr(0, name.size() + 1)) != name) continue;
    html.remove_prefix(EndOfTag(html));
    return;
  }
}

// Takes markup off the front of `html`, which begins with '<'. False: this '<' is text.
bool TakeMarkup(std::string_view& html, TextWriter& writer) {
  if (html.starts_with("<!--")) {
    const std::size_t end = html.find("-->");
    html.remove_prefix(end == html.npos ? html.size() : end + 3);
    return true;
  }
  const bool is_closing = html.starts_with("</");
  const std::string_view behind = html.substr(is_closing ? 2 : 1);
  if (behind.empty() || !(IsLetter(behind.front()) || behind.front() == '!' || behind.front() == '?')) return false;
  const std::string name = LowerName(behind);
  html.remove_prefix(EndOfTag(html));
  if (name == "br") {
    writer.Break();
  } else if (name == "p") {
    writer.Block(2);
  } else if (std::ranges::find(kBlocks, name) != kBlocks.end()) {
    writer.Block(1);
  } else if (!is_closing && (name == "script" || name == "style")) {
    SkipUntilEndOf(name, html);
  }
  return true;
}

}  // namespace

void AppendHtmlText(std::string_view html, std::string& out) {
  TextWriter writer(out);
  while (!html.empty()) {
    const char c = html.front();
    if (IsSpace(c)) {
      writer.Space();
      html.remove_prefix(1);
    } else if (c == '<' && TakeMarkup(html, writer)) {
      continue;
    } else if (std::string& text = writer.Next(); c != '&' || !TakeReference(html, text)) {
      text += c;
      html.remove_prefix(1);
    }
  }
}

void AppendUnescapedText(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('&'), text.size());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (!text.empty() && !TakeReference(text, out)) {
      out += '&';
      text.remove_prefix(1);
    }
  }
}

}  // namespace tagswell
