// One topic in one hour: who used it in which minute, from where. The value of the history family; bytes in
// docs/storage-format.md, "History". Cells add up: the merge operator and the readers sum them in any grouping.
//
// A minute is exact (a row for each author and combo) until more than kExactAuthorsMax authors used the topic in it.
// Then it is coarse: posts for each combo stay exact, authors become registers of a sketch. Retracting posts lowers the
// posts of a coarse minute, not its authors.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/author_sketch.h"

namespace tagswell {

inline constexpr std::size_t kExactAuthorsMax = 128;
inline constexpr int kComboBits = 18;
inline constexpr std::uint32_t kCombosMax = 1U << kComboBits;

// What a row counts: minute of the hour (6 bits), combo (18), author code (40). Sorts in that order.
struct CellKey {
  std::uint64_t bits = 0;

  static constexpr CellKey Of(std::uint32_t minute, std::uint32_t combo, std::uint64_t author_code) {
    return {(static_cast<std::uint64_t>(minute) << 58) | (static_cast<std::uint64_t>(combo) << kAuthorBits) |
            author_code};
  }
  constexpr std::uint32_t minute() const { return static_cast<std::uint32_t>(bits >> 58); }
  constexpr std::uint32_t combo() const { return static_cast<std::uint32_t>(bits >> kAuthorBits) & (kCombosMax - 1); }
  constexpr std::uint64_t author_code() const { return bits & ((1ULL << kAuthorBits) - 1); }
  friend auto operator<=>(const CellKey&, const CellKey&) = default;
};

struct CellRow {
  CellKey key;
  std::int64_t posts = 0;  // negative: retracted
};

// One register of a coarse minute.
struct CellRegister {
  CellKey key;  // the author code holds the register's place
  std::uint8_t rank = 0;
};

class HistoryCell {
 public:
  void Clear();
  void Add(CellRow row) { exact_.push_back(row); }

  // Adds a stored cell. False when the bytes are not one; the cell is then not to be used.
  bool AddStored(std::string_view bytes);

  // Sorts, sums, drops what reached zero, coarsens what is crowded. Everything below needs it after the last Add.
  void Normalize();

  // Appends the stored form; empty when nothing is left. Normalizes first.
  void Encode(std::string& out);

  const std::vector<CellRow>& exact() const { return exact_; }          // of exact minutes
  const std::vector<CellRow>& coarse_posts() const { return coarse_; }  // of coarse minutes; author code 0
  const std::vector<CellRegister>& registers() const { return registers_; }
  std::size_t size() const { return exact_.size() + coarse_.size() + registers_.size(); }

 private:
  struct Taker;
  void Coarsen();
  void EncodeExact(std::size_t begin, std::size_t end, std::string& out) const;
  void EncodeCoarse(std::uint32_t minute, std::string& out) const;
  bool IsCoarse(std::uint32_t minute) const { return ((coarse_minutes_ >> minute) & 1) != 0; }

  std::vector<CellRow> exact_;
  std::vector<CellRow> coarse_;
  std::vector<CellRegister> registers_;
  std::uint64_t coarse_minutes_ = 0;
};

}  // namespace tagswell
