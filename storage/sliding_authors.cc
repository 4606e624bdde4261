#include "storage/sliding_authors.h"

#include <cmath>

namespace tagswell {

// Registers that remember the ranks that may still be the greatest of a later window: descending as minutes ascend, for
// what an equal or greater one follows can never count again (Chabchoub and Hébrail, 2010).
class SlidingAuthors::SlidingSketch {
 public:
  SlidingSketch() : registers_(AuthorSketch::kRegisters) { counts_[0] = AuthorSketch::kRegisters; }

  void Add(Minute minute, AuthorSketch::Entry entry) {
    std::vector<Ranked>& ranks = registers_[entry.place];
    --counts_[RankOf(ranks)];
    while (!ranks.empty() && ranks.back().rank <= entry.rank) ranks.pop_back();
    ranks.push_back({minute, entry.rank});
    ++counts_[RankOf(ranks)];
    added_.push_back({minute, entry.place});
  }

  void Forget(Minute before) {
    for (; !added_.empty() && added_.front().minute < before; added_.pop_front()) {
      std::vector<Ranked>& ranks = registers_[added_.front().place];
      if (ranks.empty() || ranks.front().minute >= before) continue;
      --counts_[RankOf(ranks)];
      std::erase_if(ranks, [before](const Ranked& of) { return of.minute < before; });
      ++counts_[RankOf(ranks)];
    }
  }

  double Estimate() const { return AuthorSketch::EstimateOf(counts_); }

 private:
  struct Ranked {
    Minute minute;
    std::uint8_t rank;
  };
  struct Added {
    Minute minute;
    std::uint32_t place;
  };
  static std::size_t RankOf(const std::vector<Ranked>& ranks) { return ranks.empty() ? 0 : ranks.front().rank; }

  std::vector<std::vector<Ranked>> registers_;
  std::deque<Added> added_;  // by minute
  AuthorSketch::RankCounts counts_{};
};

SlidingAuthors::SlidingAuthors(int window_minutes) : window_minutes_(window_minutes) {}
SlidingAuthors::~SlidingAuthors() = default;

void SlidingAuthors::AddAuthor(Minute minute, std::uint64_t author_code) {
  seen_.push_back({minute, author_code});
  last_seen_[author_code] = minute;
  if (sketch_) sketch_->Add(minute, AuthorSketch::EntryOf(author_code));
}

void SlidingAuthors::AddRegister(Minute minute, AuthorSketch::Entry entry) {
  if (!sketch_) {
    sketch_ = std::make_unique<SlidingSketch>();
    for (const Seen& of : seen_) sketch_->Add(of.minute, AuthorSketch::EntryOf(of.author_code));
  }
  sketch_->Add(minute, entry);
  last_coarse_ = minute;
}

std::uint64_t SlidingAuthors::Count(Minute end) {
  const Minute begin = end - window_minutes_;
  for (; !seen_.empty() && seen_.front().minute < begin; seen_.pop_front()) {
    const auto last = last_seen_.find(seen_.front().author_code);
    if (last != last_seen_.end() && last->second < begin) last_seen_.erase(last);
  }
  if (sketch_) sketch_->Forget(begin);
  if (last_coarse_ < begin) return last_seen_.size();
  return static_cast<std::uint64_t>(std::llround(sketch_->Estimate()));
}

}  // namespace tagswell
