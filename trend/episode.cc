#include "trend/episode.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "trend/sliding_hyperloglog.h"

namespace tagswell {

void CumulativeAuthors::AddToSketch(std::uint64_t author) {
  constexpr int kPrecision = SlidingHyperLogLog::kPrecision;
  const int rank = std::countl_zero((author << kPrecision) | (std::uint64_t{1} << (kPrecision - 1))) + 1;
  std::uint8_t& known = ranks_[author >> (64 - kPrecision)];
  if (rank <= known) return;
  known = static_cast<std::uint8_t>(rank);
  stale_ = true;
}

void CumulativeAuthors::Add(std::uint64_t author) {
  if (!ranks_.empty()) {
    AddToSketch(author);
    return;
  }
  exact_.insert(author);
  if (exact_.size() <= kExactMax) return;
  ranks_.resize(SlidingHyperLogLog::kRegisters);
  for (const std::uint64_t known : exact_) AddToSketch(known);
  exact_ = {};
}

std::uint64_t CumulativeAuthors::Count() const {
  if (ranks_.empty()) return exact_.size();
  if (stale_) {
    estimate_ = static_cast<std::uint64_t>(std::llround(HyperLogLogEstimate(ranks_)));
    stale_ = false;
  }
  return estimate_;
}

void CumulativeAuthors::Save(StateWriter& out) const {
  out.PutAll(ranks_);
  out.PutAll(std::vector<std::uint64_t>(exact_.begin(), exact_.end()));
}

void CumulativeAuthors::Load(StateReader& in) {
  in.GetAll(ranks_);
  std::vector<std::uint64_t> exact;
  in.GetAll(exact);
  exact_.insert(exact.begin(), exact.end());
  stale_ = true;
}

Episode::Tally& Episode::OfSource(ScopeId source) {
  for (Tally& tally : sources_) {
    if (tally.source == source) return tally;
  }
  Tally& added = sources_.emplace_back();
  added.source = source;
  return added;
}

void Episode::Add(std::span<const MentionHit> hits, const ScopeTable& scopes) {
  for (const MentionHit& hit : hits) {
    ++all_.posts;
    all_.authors.Add(hit.author);
    if (const auto source = scopes.SourceOf(hit.combo)) {
      Tally& tally = OfSource(*source);
      ++tally.posts;
      tally.authors.Add(hit.author);
    }
  }
}

std::vector<Milestone> Episode::TakeMilestones(std::span<const std::uint64_t> steps, const ScopeTable& scopes) {
  std::vector<Milestone> reached;
  const auto take = [&](Tally& tally, std::string_view counted, std::uint64_t count, std::uint32_t& told) {
    for (; told < steps.size() && count >= steps[told]; ++told) {
      const std::string_view scope = tally.source == kWorld ? std::string_view() : scopes.Name(tally.source);
      reached.push_back({.counted = std::string(counted),
                         .count = steps[told],
                         .source = std::string(scope.substr(scope.empty() ? 0 : scope.find(':') + 1)),
                         .counted_from = counted_from_});
    }
  };
  const auto take_both = [&](Tally& tally) {
    take(tally, "posts", tally.posts, tally.posts_steps);
    take(tally, "authors", tally.authors.Count(), tally.authors_steps);
  };
  take_both(all_);
  std::sort(sources_.begin(), sources_.end(),
            [&](const Tally& a, const Tally& b) { return scopes.Name(a.source) < scopes.Name(b.source); });
  for (Tally& tally : sources_) take_both(tally);
  return reached;
}

void Episode::Save(StateWriter& out) const {
  out.Put(counted_from_);
  out.Put(static_cast<std::uint32_t>(sources_.size()));
  const auto put = [&out](const Tally& tally) {
    out.Put(tally.source);
    out.Put(tally.posts);
    tally.authors.Save(out);
    out.Put(tally.posts_steps);
    out.Put(tally.authors_steps);
  };
  put(all_);
  for (const Tally& tally : sources_) put(tally);
}

void Episode::Load(StateReader& in) {
  in.Get(counted_from_);
  const auto sources = in.Get<std::uint32_t>();
  const auto get = [&in](Tally& tally) {
    in.Get(tally.source);
    in.Get(tally.posts);
    tally.authors.Load(in);
    in.Get(tally.posts_steps);
    in.Get(tally.authors_steps);
  };
  get(all_);
  for (std::uint32_t i = 0; i < sources && in.ok(); ++i) get(sources_.emplace_back());
}

}  // namespace tagswell
