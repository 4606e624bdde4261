// Finds any of a set of phrases in a text, in one pass whose cost does not grow with their number: an Aho-Corasick
// automaton over the bytes of the text as keys are folded (NFKC, full case folding, NFKC), with each run of white space
// as one blank. A phrase matches between word boundaries only, and not where a '#' or '@' makes it a tag or a name.
// Immutable once built: any thread may use it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/phrase_starts.h"

namespace tagswell {

inline constexpr std::size_t kPhraseBytesMax = 256;  // folded

struct PhraseMatch {
  std::size_t begin = 0;  // in the text, bytes
  std::size_t end = 0;
  std::uint32_t phrase = 0;
};

class PhraseMatcher {
 public:
  // `phrases` are folded (FoldedPhrase), distinct, none empty, none longer than kPhraseBytesMax.
  explicit PhraseMatcher(std::span<const std::string> phrases);

  bool empty() const { return nodes_.size() == 1; }

  // Appends every match in `text` (valid UTF-8), in the order of their ends. Matches may overlap.
  void Find(std::string_view text, std::vector<PhraseMatch>& matches) const;

 private:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  struct Node {
    std::uint32_t fallback = 0;      // the longest proper suffix that starts a phrase
    std::uint32_t phrase = kNone;    // that ends here
    std::uint32_t next_end = kNone;  // the next shorter suffix where one ends
    std::uint32_t bytes = 0;         // from the root
  };

  std::uint32_t& Edge(std::uint32_t node, char byte);
  std::uint32_t Edge(std::uint32_t node, char byte) const;
  void Insert(std::string_view phrase, std::uint32_t index);
  void Link();

  PhraseStarts starts_;
  std::array<std::uint8_t, 256> symbols_{};        // byte to column; 0: in no phrase
  std::array<std::uint8_t, 128> ascii_columns_{};  // the same for ASCII as it is before folding
  std::size_t symbol_count_ = 1;
  std::vector<std::uint32_t> edges_;  // node times symbol_count_ + column
  std::vector<Node> nodes_;
};

// `phrase` as the automaton sees text: folded, runs of white space as one blank, none at the ends.
std::string FoldedPhrase(std::string_view phrase);

}  // namespace tagswell
