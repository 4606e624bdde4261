#include "storage/author_tally.h"

#include <absl/container/flat_hash_set.h>

namespace tagswell {

void AuthorTally::Add(const HistoryCell& cell, std::uint32_t from, std::uint32_t to,
                      const std::vector<bool>& in_scope) {
  const auto counts = [&](CellKey key) {
    return key.minute() >= from && key.minute() < to && key.combo() < in_scope.size() && in_scope[key.combo()];
  };
  rows_ += cell.size();
  for (const CellRow& row : cell.exact()) {
    if (!counts(row.key)) continue;
    posts_ += row.posts;
    if (row.posts > 0) authors_.push_back(row.key.author_code());
  }
  for (const CellRow& row : cell.coarse_posts()) {
    if (counts(row.key)) posts_ += row.posts;
  }
  for (const CellRegister& entry : cell.registers()) {
    if (!counts(entry.key)) continue;
    if (!sketch_) sketch_ = std::make_unique<AuthorSketch>();
    sketch_->Add({.place = static_cast<std::uint32_t>(entry.key.author_code()), .rank = entry.rank});
  }
}

std::uint64_t AuthorTally::authors() {
  if (exact()) {
    // A table takes half of what sorting does where they are many.
    const absl::flat_hash_set<std::uint64_t> distinct(authors_.begin(), authors_.end());
    return distinct.size();
  }
  for (const std::uint64_t code : authors_) sketch_->Add(AuthorSketch::EntryOf(code));
  return static_cast<std::uint64_t>(std::llround(sketch_->Estimate()));
}

}  // namespace tagswell
