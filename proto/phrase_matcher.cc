#include "proto/phrase_matcher.h"

#include <unicode/normalizer2.h>

#include "proto/character_table.h"
#include "proto/tag_key.h"
#include "proto/utf8.h"
#include "proto/white_space.h"

namespace tagswell {
namespace {

// Cuts a text into the smallest pieces that fold on their own, and folds them one by one.
class Folder {
 public:
  explicit Folder(std::string_view text) : text_(text), table_(CharacterTable::Get()) {}

  // Takes the piece that begins at `begin`, which is before the end.
  void Take(std::size_t begin) {
    begin_ = begin;
    const CodePoint point = CodePointAt(text_, begin_);
    end_ = begin_ + point.bytes;
    if (point.bytes == 1 ? IsAsciiSpace(text_[begin_]) : IsSpace(point.value)) {
      TakeSpaces();
      folded_ = " ";
    } else if (const char32_t folded = table_.Folded(point.value); folded != 0 && EndsPiece()) {
      folded_ = {encoded_, PutCodePoint(folded, encoded_)};
    } else {
      while (!EndsPiece()) end_ += CodePointAt(text_, end_).bytes;
      slow_.clear();
      AppendTagKey(text_.substr(begin_, end_ - begin_), slow_);
      folded_ = slow_;
    }
  }

  std::size_t end() const { return end_; }
  std::string_view folded() const { return folded_; }

 private:
  void TakeSpaces() {
    while (end_ < text_.size()) {
      const CodePoint point = CodePointAt(text_, end_);
      if (!(point.bytes == 1 ? IsAsciiSpace(text_[end_]) : IsSpace(point.value))) break;
      end_ += point.bytes;
    }
  }

  // Whether what stands at end_ never composes with what is before it.
  bool EndsPiece() const {
    if (end_ == text_.size() || IsAscii(text_[end_])) return true;
    const char32_t next = CodePointAt(text_, end_).value;
    if (table_.Folded(next) != 0) return true;
    UErrorCode status = U_ZERO_ERROR;
    return icu::Normalizer2::getNFKCInstance(status)->hasBoundaryBefore(static_cast<UChar32>(next)) != 0;
  }

  std::string_view text_;
  const CharacterTable& table_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  char encoded_[4] = {};
  std::string slow_;
  std::string_view folded_;
};

bool StartsWord(std::string_view text, std::size_t at) {
  if (at == 0) return true;
  const CharacterTable& table = CharacterTable::Get();
  const char32_t before = CodePointBefore(text, at).value;
  if (before == '#' || before == '@' || before == 0xFF03 || before == 0xFF20) return false;
  return !table.IsWord(before) || !table.IsWord(CodePointAt(text, at).value);
}

bool EndsWord(std::string_view text, std::size_t at) {
  if (at == text.size()) return true;
  const CharacterTable& table = CharacterTable::Get();
  return !table.IsWord(CodePointAt(text, at).value) || !table.IsWord(CodePointBefore(text, at).value);
}

}  // namespace

std::string FoldedPhrase(std::string_view phrase) {
  std::string folded;
  Folder folder(phrase);
  while (folder.end() != phrase.size()) {
    folder.Take(folder.end());
    if (folder.folded() != " " || !folded.empty()) folded += folder.folded();
  }
  if (folded.ends_with(' ')) folded.pop_back();
  return folded;
}

PhraseMatcher::PhraseMatcher(std::span<const std::string> phrases) : starts_(phrases) {
  for (const std::string& phrase : phrases) {
    for (const char byte : phrase) {
      std::uint8_t& symbol = symbols_[static_cast<unsigned char>(byte)];
      if (symbol == 0) symbol = static_cast<std::uint8_t>(symbol_count_++);
    }
  }
  nodes_.emplace_back();
  edges_.resize(symbol_count_);
  for (std::uint32_t i = 0; i < phrases.size(); ++i) Insert(phrases[i], i);
  Link();
  for (std::size_t c = 0; c < ascii_columns_.size(); ++c)
    ascii_columns_[c] = symbols_[static_cast<unsigned char>(FoldedAscii(static_cast<char>(c)))];
}

std::uint32_t& PhraseMatcher::Edge(std::uint32_t node, char byte) {
  return edges_[node * symbol_count_ + symbols_[static_cast<unsigned char>(byte)]];
}

std::uint32_t PhraseMatcher::Edge(std::uint32_t node, char byte) const {
  return edges_[node * symbol_count_ + symbols_[static_cast<unsigned char>(byte)]];
}

void PhraseMatcher::Insert(std::string_view phrase, std::uint32_t index) {
  std::uint32_t node = 0;
  for (const char byte : phrase) {
    if (Edge(node, byte) == 0) {
      Edge(node, byte) = static_cast<std::uint32_t>(nodes_.size());
      nodes_.push_back({.bytes = nodes_[node].bytes + 1});
      edges_.resize(edges_.size() + symbol_count_);
    }
    node = Edge(node, byte);
  }
  nodes_[node].phrase = index;
}

// Breadth first: a node's fallback is nearer to the root, so it is complete. Missing edges become the fallback's, which
// makes one step a byte.
void PhraseMatcher::Link() {
  std::vector<std::uint32_t> queue = {0};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const std::uint32_t node = queue[i];
    const std::uint32_t fallback = nodes_[node].fallback;
    if (node != 0) {
      const Node& shorter = nodes_[fallback];
      nodes_[node].next_end = shorter.phrase != kNone ? fallback : shorter.next_end;
    }
    for (std::size_t symbol = 1; symbol < symbol_count_; ++symbol) {
      std::uint32_t& child = edges_[node * symbol_count_ + symbol];
      const std::uint32_t other = node == 0 ? 0 : edges_[fallback * symbol_count_ + symbol];
      if (child == 0) {
        child = other;
      } else {
        nodes_[child].fallback = other;
        queue.push_back(child);
      }
    }
  }
}

void PhraseMatcher::Find(std::string_view text, std::vector<PhraseMatch>& matches) const {
  if (empty()) return;
  constexpr std::size_t kInside = static_cast<std::size_t>(-1);  // in the middle of a piece: nothing starts here
  std::array<std::size_t, 2 * kPhraseBytesMax> begins;           // of the last folded bytes, in the text
  static_assert((begins.size() & (begins.size() - 1)) == 0);
  std::size_t position = 0;
  std::uint32_t node = 0;
  Folder folder(text);
  for (std::size_t at = 0; true;) {
    if (node == 0) at = starts_.Next(text, at);
    if (at == text.size()) return;
    const char c = text[at];
    const char next = at + 1 == text.size() ? '\0' : text[at + 1];
    if (IsAscii(c) && IsAscii(next) && !(IsAsciiSpace(c) && IsAsciiSpace(next))) {
      begins[position++ % begins.size()] = at++;
      node = edges_[node * symbol_count_ + ascii_columns_[static_cast<unsigned char>(c)]];
    } else {
      std::size_t begin = at;
      folder.Take(at);
      for (const char byte : folder.folded()) {
        begins[position++ % begins.size()] = begin;
        begin = kInside;
        node = Edge(node, byte);
      }
      at = folder.end();
    }
    std::uint32_t end = nodes_[node].phrase != kNone ? node : nodes_[node].next_end;
    for (; end != kNone; end = nodes_[end].next_end) {
      const std::size_t start = begins[(position - nodes_[end].bytes) % begins.size()];
      if (start == kInside || !StartsWord(text, start) || !EndsWord(text, at)) continue;
      matches.push_back({.begin = start, .end = at, .phrase = nodes_[end].phrase});
    }
  }
}

}  // namespace tagswell
