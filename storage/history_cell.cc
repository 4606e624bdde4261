#include "storage/history_cell.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "storage/byte_order.h"
#include "storage/cell_walk.h"

namespace tagswell {
namespace {

// Two cells that are added up come as two sorted runs.
template <class Element, class Before>
void SortRuns(std::vector<Element>& elements, Before before) {
  const auto second = std::ranges::is_sorted_until(elements, before);
  if (std::ranges::is_sorted(second, elements.end(), before)) {
    if (second == elements.end()) return;
    std::vector<Element> merged;
    merged.reserve(elements.size());
    std::merge(elements.begin(), second, second, elements.end(), std::back_inserter(merged), before);
    elements = std::move(merged);
  } else {
    std::ranges::sort(elements, before);
  }
}

void SortAndSum(std::vector<CellRow>& rows) {
  SortRuns(rows, [](const CellRow& a, const CellRow& b) { return a.key < b.key; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size();) {
    CellRow sum = rows[i];
    for (++i; i < rows.size() && rows[i].key == sum.key; ++i) sum.posts = AddWrapping(sum.posts, rows[i].posts);
    if (sum.posts != 0) rows[kept++] = sum;
  }
  rows.resize(kept);
}

void SortAndMax(std::vector<CellRegister>& registers) {
  SortRuns(registers, [](const CellRegister& a, const CellRegister& b) {
    return a.key != b.key ? a.key < b.key : a.rank > b.rank;
  });
  const auto rest = std::ranges::unique(registers, {}, &CellRegister::key);
  registers.erase(rest.begin(), rest.end());
}

// First element from `begin` on that is of another minute (or of another combo).
template <typename Element>
std::size_t EndOfMinute(const std::vector<Element>& elements, std::size_t begin) {
  std::size_t end = begin;
  while (end < elements.size() && elements[end].key.minute() == elements[begin].key.minute()) ++end;
  return end;
}
template <typename Element>
std::size_t EndOfCombo(const std::vector<Element>& elements, std::size_t begin, std::size_t limit) {
  std::size_t end = begin;
  while (end < limit && elements[end].key.combo() == elements[begin].key.combo()) ++end;
  return end;
}

void AppendAuthor(std::uint64_t code, std::string& out) {
  for (std::size_t i = 0; i < kAuthorBytes; ++i) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(code >> (8 * (kAuthorBytes - 1 - i)))));
  }
}

}  // namespace

void HistoryCell::Clear() {
  exact_.clear();
  coarse_.clear();
  registers_.clear();
  coarse_minutes_ = 0;
}

void HistoryCell::Coarsen() {
  std::vector<std::uint64_t> authors;
  for (std::size_t begin = 0; begin < exact_.size();) {
    const std::size_t end = EndOfMinute(exact_, begin);
    const std::uint32_t minute = exact_[begin].key.minute();
    if (end - begin > kExactAuthorsMax && !IsCoarse(minute)) {
      authors.clear();
      for (std::size_t i = begin; i < end; ++i) {
        if (exact_[i].posts > 0) authors.push_back(exact_[i].key.author_code());
      }
      std::ranges::sort(authors);
      const auto rest = std::ranges::unique(authors);
      if (static_cast<std::size_t>(rest.begin() - authors.begin()) > kExactAuthorsMax)
        coarse_minutes_ |= 1ULL << minute;
    }
    begin = end;
  }
  if (coarse_minutes_ == 0) return;

  const auto in_coarse = [this](const CellRow& row) { return IsCoarse(row.key.minute()); };
  for (const CellRow& row : exact_) {
    if (!in_coarse(row)) continue;
    const CellKey key = row.key;
    coarse_.push_back({CellKey::Of(key.minute(), key.combo(), 0), row.posts});
    if (row.posts > 0) {
      const AuthorSketch::Entry entry = AuthorSketch::EntryOf(key.author_code());
      registers_.push_back({CellKey::Of(key.minute(), key.combo(), entry.place), entry.rank});
    }
  }
  std::erase_if(exact_, in_coarse);
  SortAndSum(coarse_);
  SortAndMax(registers_);
}

void HistoryCell::Normalize() {
  SortAndSum(exact_);
  Coarsen();
}

void HistoryCell::EncodeExact(std::size_t begin, std::size_t end, std::string& out) const {
  std::uint64_t combos = 0;
  for (std::size_t i = begin; i < end; i = EndOfCombo(exact_, i, end)) ++combos;
  AppendVarint(combos, out);
  std::uint32_t before = 0;
  for (std::size_t i = begin; i < end;) {
    const std::size_t combo_end = EndOfCombo(exact_, i, end);
    AppendVarint(exact_[i].key.combo() - before, out);
    before = exact_[i].key.combo();
    AppendVarint(combo_end - i, out);
    for (; i < combo_end; ++i) {
      AppendAuthor(exact_[i].key.author_code(), out);
      AppendVarint(ZigZag(exact_[i].posts), out);
    }
  }
}

void HistoryCell::EncodeCoarse(std::uint32_t minute, std::string& out) const {
  const auto rows = std::ranges::equal_range(coarse_, minute, {}, [](const CellRow& row) { return row.key.minute(); });
  AppendVarint(rows.size(), out);
  for (const CellRow& row : rows) {
    AppendVarint(row.key.combo(), out);
    AppendVarint(ZigZag(row.posts), out);
  }
  const auto registers =
      std::ranges::equal_range(registers_, minute, {}, [](const CellRegister& r) { return r.key.minute(); });
  AppendVarint(registers.size(), out);
  // Combo and place as one number: ascending, so their differences are small.
  std::uint64_t before = 0;
  for (const CellRegister& entry : registers) {
    const std::uint64_t place =
        (static_cast<std::uint64_t>(entry.key.combo()) << AuthorSketch::kRegisterBits) | entry.key.author_code();
    AppendVarint(place - before, out);
    before = place;
    out.push_back(static_cast<char>(entry.rank));
  }
}

void HistoryCell::Encode(std::string& out) {
  Normalize();
  std::size_t begin = 0;
  for (std::uint32_t minute = 0; minute < kMinutesOfCell; ++minute) {
    if (IsCoarse(minute)) {
      out.push_back(static_cast<char>(minute | kCoarseFlag));
      EncodeCoarse(minute, out);
    } else if (begin < exact_.size() && exact_[begin].key.minute() == minute) {
      const std::size_t end = EndOfMinute(exact_, begin);
      out.push_back(static_cast<char>(minute));
      EncodeExact(begin, end, out);
      begin = end;
    }
  }
}

// Takes over what stands in a stored cell.
struct HistoryCell::Taker {
  HistoryCell& cell;
  void Exact(const CellRow& row) { cell.exact_.push_back(row); }
  void Coarse(std::uint32_t minute) { cell.coarse_minutes_ |= 1ULL << minute; }
  void CoarsePosts(const CellRow& row) { cell.coarse_.push_back(row); }
  void Register(const CellRegister& entry) { cell.registers_.push_back(entry); }
};

bool HistoryCell::AddStored(std::string_view bytes) {
  Taker taker{*this};
  return WalkCell(bytes, taker);
}

}  // namespace tagswell
