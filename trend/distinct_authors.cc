#include "trend/distinct_authors.h"

#include <algorithm>
#include <cmath>

namespace tagswell {

void DistinctAuthors::Add(std::uint64_t author, Minute minute) {
  if (sketch_ != nullptr) {
    sketch_->Add(author, minute);
    return;
  }
  Minute& last = last_seen_.try_emplace(author, minute).first->second;
  last = std::max(last, minute);
  if (last_seen_.size() > kExactMax) {
    sketch_ = std::make_unique<SlidingHyperLogLog>();
    for (const auto& [known, seen] : last_seen_) sketch_->Add(known, seen);
    last_seen_ = {};
  }
}

std::uint64_t DistinctAuthors::Count(Minute from) const {
  if (sketch_ != nullptr) return static_cast<std::uint64_t>(std::llround(sketch_->Estimate(from)));
  return static_cast<std::uint64_t>(std::count_if(last_seen_.begin(), last_seen_.end(), [from](const auto& seen) { return seen.second >= from; }));
}

void DistinctAuthors::Remove(std::uint64_t author) { last_seen_.erase(author); }

void DistinctAuthors::Expire(Minute oldest) {
  absl::erase_if(last_seen_, [oldest](const auto& seen) { return seen.second < oldest; });
}

std::size_t DistinctAuthors::memory_bytes() const {
  return last_seen_.capacity() * (sizeof(std::pair<std::uint64_t, Minute>) + 1) + (sketch_ ? SlidingHyperLogLog::kMemoryBytes : 0);
}

void DistinctAuthors::Save(StateWriter& out) const {
  out.Put(exact());
  if (sketch_ != nullptr) {
    sketch_->Save(out);
    return;
  }
  out.Put(static_cast<std::uint32_t>(last_seen_.size()));
  for (const auto& [author, minute] : last_seen_) {
    out.Put(author);
    out.Put(minute);
  }
}

void DistinctAuthors::Load(StateReader& in) {
  if (!in.Get<bool>()) {
    sketch_ = std::make_unique<SlidingHyperLogLog>();
    sketch_->Load(in);
    return;
  }
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const auto author = in.Get<std::uint64_t>();
    last_seen_[author] = in.Get<Minute>();
  }
}

}  // namespace tagswell
