#include "trend/host_shares.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tagswell {
namespace {

constexpr double kHalfLifeHours = 7 * 24;
// So many mentions tell what is usual.
constexpr float kKnown = 100;
constexpr float kForgotten = 0.2F;

}  // namespace

HostShares::Key HostShares::KeyOf(ComboId combo, std::uint16_t host) {
  return Key{Index(combo)} << 16 | host;
}
HostShares::Key HostShares::KeyOf(ScopeId source, std::uint16_t host) {
  return Key{1} << 40 | Key{Index(source)} << 16 | host;
}

void HostShares::Add(std::span<const MentionHit> hits) {
  Hour& hour = young_[static_cast<std::size_t>(hour_) % kHours];
  for (const MentionHit& hit : hits) {
    if (Index(hit.combo) >= hour.all.size()) hour.all.resize(Index(hit.combo) + 1);
    ++hour.all[Index(hit.combo)];
    if (hit.host != 0) ++hour.by_host[KeyOf(hit.combo, hit.host)];
  }
}

void HostShares::GoOnTo(Minute now) {
  const int hour = static_cast<int>(now) / 60;
  if (hour_ == 0 || hour - hour_ > 365 * 24) hour_ = hour;
  while (hour_ < hour) {
    ++hour_;
    Learn(young_[static_cast<std::size_t>(hour_) % kHours]);
  }
}

void HostShares::Learn(Hour& hour) {
  // Whole numbers first: sums of fractions would depend on their order.
  Counts counts;
  const auto count = [&](ComboId combo, std::uint16_t host, std::uint32_t mentions) {
    counts[KeyOf(combo, host)] += mentions;
    if (const auto source = scopes_.SourceOf(combo)) counts[KeyOf(*source, host)] += mentions;
  };
  for (std::size_t i = 0; i < hour.all.size(); ++i) {
    if (hour.all[i] > 0) count(ComboId{static_cast<std::uint16_t>(i)}, 0, hour.all[i]);
  }
  for (const auto& [key, mentions] : hour.by_host) {
    count(ComboId{static_cast<std::uint16_t>(key >> 16)}, static_cast<std::uint16_t>(key), mentions);
  }
  hour = {};

  const auto kept = static_cast<float>(std::exp2(-1 / kHalfLifeHours));
  for (auto& [key, weight] : weights_) weight *= kept;
  for (const auto& [key, mentions] : counts) weights_[key] += static_cast<float>(mentions);
  for (float least = kForgotten; least == kForgotten || weights_.size() > kEntriesMax; least *= 2) {
    absl::erase_if(weights_, [least](const auto& entry) { return entry.second < least; });
  }
}

double HostShares::Of(ComboId combo, std::uint16_t host) const {
  const auto weight = [this](Key key) {
    const auto found = weights_.find(key);
    return found == weights_.end() ? 0.0F : found->second;
  };
  if (const float all = weight(KeyOf(combo, 0)); all >= kKnown) return weight(KeyOf(combo, host)) / all;
  const auto source = scopes_.SourceOf(combo);
  const float all = source ? weight(KeyOf(*source, 0)) : 0.0F;
  return all >= kKnown ? weight(KeyOf(*source, host)) / all : 1;
}

std::size_t HostShares::memory_bytes() const {
  std::size_t bytes = weights_.capacity() * sizeof(std::pair<Key, float>);
  for (const Hour& hour : young_) {
    bytes +=
        hour.all.capacity() * sizeof(std::uint32_t) + hour.by_host.capacity() * sizeof(std::pair<Key, std::uint32_t>);
  }
  return bytes;
}

void HostShares::Save(StateWriter& out) const {
  out.Put(hour_);
  for (const Hour& hour : young_) {
    out.PutAll(hour.all);
    out.Put(static_cast<std::uint32_t>(hour.by_host.size()));
    for (const auto& [key, count] : hour.by_host) {
      out.Put(key);
      out.Put(count);
    }
  }
  out.Put(static_cast<std::uint32_t>(weights_.size()));
  for (const auto& [key, weight] : weights_) {
    out.Put(key);
    out.Put(weight);
  }
}

void HostShares::Load(StateReader& in) {
  in.Get(hour_);
  for (Hour& hour : young_) {
    in.GetAll(hour.all);
    for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
      const Key key = in.Get<Key>();
      in.Get(hour.by_host[key]);
    }
  }
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const Key key = in.Get<Key>();
    in.Get(weights_[key]);
  }
}

}  // namespace tagswell
