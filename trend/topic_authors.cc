#include "trend/topic_authors.h"

#include <algorithm>
#include <cmath>

namespace tagswell {

std::size_t TopicAuthors::PlaceOf(ComboId combo) {
  const auto found = std::find(places_.begin(), places_.end(), combo);
  const auto place = static_cast<std::size_t>(found - places_.begin());
  if (found == places_.end()) places_.push_back(combo);
  return place;
}

void TopicAuthors::Prefetch(std::uint64_t author, ComboId combo) const {
  if (exact()) {
    __builtin_prefetch(places_.data());
    exact_.Prefetch(author);
    return;
  }
  const auto place = static_cast<std::size_t>(std::find(places_.begin(), places_.end(), combo) - places_.begin());
  if (place >= routes_.size()) return;
  for (const SlidingHyperLogLog* sketch : routes_[place].to) {
    if (sketch != nullptr) sketch->Prefetch(author);
  }
}

void TopicAuthors::AddToSketches(std::uint64_t author, Minute minute, std::size_t place, const ScopeTable& scopes) {
  for (std::size_t missing = routes_.size(); missing <= place; ++missing) {
    Route& route = routes_.emplace_back();
    std::size_t next = 0;
    for (const ScopeId scope : scopes.ScopesOf(places_[missing])) {
      auto sketch =
          std::find_if(sketches_.begin(), sketches_.end(), [scope](const Sketch& of) { return of.first == scope; });
      if (sketch == sketches_.end())
        sketch = sketches_.insert(sketches_.end(), {scope, std::make_unique<SlidingHyperLogLog>()});
      route.to[next++] = sketch->second.get();
    }
  }
  for (SlidingHyperLogLog* sketch : routes_[place].to) {
    if (sketch != nullptr) sketch->Add(author, minute);
  }
}

void TopicAuthors::Add(std::uint64_t author, Minute minute, std::uint32_t posts, std::size_t place,
                       const ScopeTable& scopes) {
  if (exact() && place < AuthorTable::kPlacesMax) {
    exact_.Add(author, place, minute, posts);
    if (exact_.size() <= kExactMax) return;
  }
  if (exact()) {
    exact_.ForEach(
        [&](std::uint64_t known, std::size_t from, Minute seen) { AddToSketches(known, seen, from, scopes); });
    exact_ = {};
  }
  AddToSketches(MinuteTable::Kept(author), minute, place, scopes);
}

std::uint64_t TopicAuthors::Count(const ScopeFilter& filter, Minute from) const {
  if (!exact()) {
    for (const auto& [scope, sketch] : sketches_) {
      if (scope == filter.scope()) return static_cast<std::uint64_t>(std::llround(sketch->Estimate(from)));
    }
    return 0;
  }
  if (filter.scope() == kWorld) {
    return exact_.Count(from, [](std::size_t) { return true; });
  }
  std::vector<std::uint8_t> in;
  in.reserve(places_.size());
  for (const ComboId combo : places_) in.push_back(filter.Has(combo) ? 1 : 0);
  return exact_.Count(from, [&in](std::size_t place) { return in[place] != 0; });
}

std::size_t TopicAuthors::memory_bytes() const {
  return places_.capacity() * sizeof(ComboId) + exact_.memory_bytes() +
         sketches_.size() * SlidingHyperLogLog::kMemoryBytes + routes_.capacity() * sizeof(Route);
}

void TopicAuthors::Save(StateWriter& out) const {
  out.PutAll(places_);
  exact_.Save(out);
  out.Put(static_cast<std::uint32_t>(sketches_.size()));
  for (const auto& [scope, sketch] : sketches_) {
    out.Put(scope);
    sketch->Save(out);
  }
}

void TopicAuthors::Load(StateReader& in) {
  in.GetAll(places_);
  exact_.Load(in);
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const auto scope = in.Get<ScopeId>();
    sketches_.emplace_back(scope, std::make_unique<SlidingHyperLogLog>()).second->Load(in);
  }
}

}  // namespace tagswell
