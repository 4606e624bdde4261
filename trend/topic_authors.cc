#include "trend/topic_authors.h"

#include <algorithm>
#include <cmath>

#include <absl/container/flat_hash_set.h>

namespace tagswell {

void TopicAuthors::AddElsewhere(std::uint64_t author, Minute minute, ComboId combo) {
  const auto same = [author, combo](const Elsewhere& of) { return of.author == author && of.combo == combo; };
  const auto found = std::find_if(elsewhere_.begin(), elsewhere_.end(), same);
  if (found == elsewhere_.end()) {
    elsewhere_.push_back({author, minute, combo});
  } else {
    found->last = std::max(found->last, minute);
  }
}

void TopicAuthors::AddToSketches(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes) {
  for (const ScopeId scope : scopes.ScopesOf(combo)) {
    auto sketch = std::find_if(sketches_.begin(), sketches_.end(), [scope](const Sketch& of) { return of.first == scope; });
    if (sketch == sketches_.end()) sketch = sketches_.insert(sketches_.end(), {scope, std::make_unique<SlidingHyperLogLog>()});
    sketch->second->Add(author, minute);
  }
}

void TopicAuthors::Add(std::uint64_t author, Minute minute, ComboId combo, const ScopeTable& scopes) {
  if (!exact()) return AddToSketches(author, minute, combo, scopes);
  const auto [entry, is_new] = seen_.try_emplace(author, Seen{minute, combo, false});
  Seen& seen = entry->second;
  if (seen.combo == combo) {
    seen.last = std::max(seen.last, minute);
  } else {
    seen.elsewhere = true;
    AddElsewhere(author, minute, combo);
  }
  if (!is_new || seen_.size() <= kExactMax) return;
  for (const auto& [known, of] : seen_) AddToSketches(known, of.last, of.combo, scopes);
  for (const Elsewhere& of : elsewhere_) AddToSketches(of.author, of.last, of.combo, scopes);
  seen_ = {};
  elsewhere_ = {};
}

std::uint64_t TopicAuthors::Count(const ScopeFilter& filter, Minute from) const {
  if (!exact()) {
    for (const auto& [scope, sketch] : sketches_) {
      if (scope == filter.scope()) return static_cast<std::uint64_t>(std::llround(sketch->Estimate(from)));
    }
    return 0;
  }
  std::uint64_t count = 0;
  const auto counts = [&](Minute last, ComboId combo) { return last >= from && filter.Has(combo); };
  for (const auto& [author, seen] : seen_) count += counts(seen.last, seen.combo) ? 1 : 0;
  absl::flat_hash_set<std::uint64_t> more;
  for (const Elsewhere& of : elsewhere_) {
    if (!counts(of.last, of.combo)) continue;
    const Seen& seen = seen_.at(of.author);
    if (!counts(seen.last, seen.combo)) more.insert(of.author);
  }
  return count + more.size();
}

void TopicAuthors::Remove(std::uint64_t author) {
  seen_.erase(author);
  std::erase_if(elsewhere_, [author](const Elsewhere& of) { return of.author == author; });
}

void TopicAuthors::Expire(Minute oldest) {
  std::erase_if(elsewhere_, [oldest](const Elsewhere& of) { return of.last < oldest; });
  absl::flat_hash_set<std::uint64_t> kept;
  for (const Elsewhere& of : elsewhere_) kept.insert(of.author);
  absl::erase_if(seen_, [&](const auto& entry) { return entry.second.last < oldest && !(entry.second.elsewhere && kept.contains(entry.first)); });
}

std::size_t TopicAuthors::memory_bytes() const {
  return seen_.capacity() * (sizeof(std::pair<std::uint64_t, Seen>) + 1) + elsewhere_.capacity() * sizeof(Elsewhere) +
         sketches_.size() * SlidingHyperLogLog::kMemoryBytes;
}

void TopicAuthors::Save(StateWriter& out) const {
  out.Put(static_cast<std::uint32_t>(seen_.size()));
  for (const auto& [author, seen] : seen_) {
    out.Put(author);
    out.Put(seen);
  }
  out.PutAll(elsewhere_);
  out.Put(static_cast<std::uint32_t>(sketches_.size()));
  for (const auto& [scope, sketch] : sketches_) {
    out.Put(scope);
    sketch->Save(out);
  }
}

void TopicAuthors::Load(StateReader& in) {
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const auto author = in.Get<std::uint64_t>();
    in.Get(seen_[author]);
  }
  in.GetAll(elsewhere_);
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const auto scope = in.Get<ScopeId>();
    sketches_.emplace_back(scope, std::make_unique<SlidingHyperLogLog>()).second->Load(in);
  }
}

}  // namespace tagswell
