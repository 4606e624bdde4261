// Distinct authors of a growing number of rows: exact up to a bound and while no row is of a coarse minute, then a
// HyperLogLog (standard error 0.8 %). Counting costs next to nothing at any time. Memory: 18 bytes an author, up to the
// bound; then 16 KiB. Not thread-safe.
#pragma once

#include <absl/container/flat_hash_set.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>

#include "storage/author_sketch.h"

namespace tagswell {

class DistinctAuthors {
 public:
  explicit DistinctAuthors(std::size_t exact_max) : exact_max_(exact_max) {}

  void Add(std::uint64_t author_code) {
    if (!sketch_) {
      codes_.insert(author_code);
      if (codes_.size() > exact_max_) Sketch();
    } else {
      Add(AuthorSketch::EntryOf(author_code));
    }
  }
  void Add(AuthorSketch::Entry entry) {
    if (!sketch_) Sketch();
    std::uint8_t& rank = sketch_->ranks[entry.place];
    if (entry.rank <= rank) return;
    --sketch_->counts[rank];
    rank = entry.rank;
    ++sketch_->counts[rank];
  }

  bool exact() const { return sketch_ == nullptr; }
  std::uint64_t Count() const {
    if (!sketch_) return codes_.size();
    return static_cast<std::uint64_t>(std::llround(AuthorSketch::EstimateOf(sketch_->counts)));
  }

 private:
  struct Registers {
    std::array<std::uint8_t, AuthorSketch::kRegisters> ranks{};
    AuthorSketch::RankCounts counts{AuthorSketch::kRegisters};
  };
  void Sketch() {
    sketch_ = std::make_unique<Registers>();
    for (const std::uint64_t code : codes_) Add(AuthorSketch::EntryOf(code));
    codes_ = {};
  }

  std::size_t exact_max_;
  absl::flat_hash_set<std::uint64_t> codes_;
  std::unique_ptr<Registers> sketch_;
};

}  // namespace tagswell
