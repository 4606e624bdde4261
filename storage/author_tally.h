// Posts and distinct authors of one topic over any rows of the history. Exact as long as every row was.
// Not thread-safe.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "storage/author_sketch.h"
#include "storage/history_cell.h"

namespace tagswell {

class AuthorTally {
 public:
  // Adds the rows of minutes [from, to) of a normalized cell whose combo is in scope.
  void Add(const HistoryCell& cell, std::uint32_t from, std::uint32_t to, const std::vector<bool>& in_scope);

  std::uint64_t posts() const { return posts_ < 0 ? 0 : static_cast<std::uint64_t>(posts_); }
  bool exact() const { return sketch_ == nullptr; }
  std::uint64_t rows() const { return rows_; }  // that were looked at

  std::uint64_t authors();

 private:
  std::int64_t posts_ = 0;
  std::uint64_t rows_ = 0;
  std::vector<std::uint64_t> authors_;  // codes, with repeats
  std::unique_ptr<AuthorSketch> sketch_;
};

}  // namespace tagswell
