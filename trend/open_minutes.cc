#include "trend/open_minutes.h"

#include <algorithm>
#include <tuple>

namespace tagswell {

OpenMinutes::Open* OpenMinutes::Find(Minute minute) {
  for (std::size_t i = minutes_.size(); i > 0; --i) {
    if (minutes_[i - 1].minute == minute) return &minutes_[i - 1];
  }
  return nullptr;
}

OpenMinutes::Open& OpenMinutes::Of(Minute minute) {
  if (!minutes_.empty() && minutes_.back().minute == minute) return minutes_.back();
  if (Open* found = Find(minute)) {
    std::swap(*found, minutes_.back());
  } else {
    minutes_.emplace_back().minute = minute;
  }
  return minutes_.back();
}

void OpenMinutes::AddPost(Minute minute, ComboId combo) {
  std::vector<std::uint32_t>& posts = Of(minute).posts;
  if (Index(combo) >= posts.size()) posts.resize(Index(combo) + 1, 0);
  ++posts[Index(combo)];
}

void OpenMinutes::RemovePost(Minute minute, ComboId combo) {
  Open* open = Find(minute);
  if (open != nullptr && Index(combo) < open->posts.size() && open->posts[Index(combo)] > 0)
    --open->posts[Index(combo)];
}

void OpenMinutes::RemoveMention(Minute minute, const MentionHit& hit) {
  Open* open = Find(minute);
  if (open == nullptr) return;
  Hits& hits = open->parts[PartOf(hit.topic)];
  const auto what = [](const MentionHit& of) { return std::tuple(of.topic, of.author, of.combo, of.text); };
  std::size_t at = 0;
  while (at < hits.size() && what(hits[at]) != what(hit)) ++at;
  if (at == hits.size()) return;
  hits[at] = hits[hits.size() - 1];
  hits.pop_back();
}

void OpenMinutes::RemoveTopic(TopicId topic) {
  for (Open& open : minutes_) {
    const Hits hits = std::exchange(open.parts[PartOf(topic)], {});
    hits.ForEachSegment([&](std::span<const MentionHit> some) {
      for (const MentionHit& hit : some) {
        if (hit.topic != topic) open.parts[PartOf(topic)].push_back(hit);
      }
    });
  }
}

OpenMinutes::Content OpenMinutes::Take(Minute minute) {
  Content taken;
  Open* open = Find(minute);
  if (open == nullptr) return taken;
  taken.parts = std::move(open->parts);
  for (std::size_t i = 0; i < open->posts.size(); ++i) {
    if (open->posts[i] > 0) taken.posts.push_back({ComboId{static_cast<std::uint16_t>(i)}, open->posts[i]});
  }
  minutes_.erase(minutes_.begin() + (open - minutes_.data()));
  return taken;
}

std::size_t OpenMinutes::memory_bytes() const {
  std::size_t bytes = 0;
  for (const Open& open : minutes_) {
    bytes += sizeof open + open.posts.capacity() * sizeof(std::uint32_t);
    for (const Hits& part : open.parts) bytes += part.memory_bytes();
  }
  return bytes;
}

void OpenMinutes::Save(StateWriter& out) const {
  out.Put(static_cast<std::uint32_t>(minutes_.size()));
  for (const Open& open : minutes_) {
    out.Put(open.minute);
    for (const Hits& part : open.parts) out.PutAll(part);
    out.PutAll(open.posts);
  }
}

void OpenMinutes::Load(StateReader& in) {
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    Open& open = minutes_.emplace_back();
    in.Get(open.minute);
    for (Hits& part : open.parts) in.GetAll(part);
    in.GetAll(open.posts);
  }
}

void GroupByTopic(const OpenMinutes::Hits& part, std::vector<MentionHit>& grouped,
                  std::vector<std::uint32_t>& scratch) {
  const auto slot = [](const MentionHit& hit) { return Index(hit.topic) / OpenMinutes::kParts; };
  std::size_t slots = 0;
  const auto for_each = [&part](const auto& visit) {
    part.ForEachSegment([&](std::span<const MentionHit> hits) { std::ranges::for_each(hits, visit); });
  };
  for_each([&](const MentionHit& hit) { slots = std::max(slots, slot(hit) + 1); });
  if (slots > 4 * part.size()) {
    // Few mentions of many topics: counting would cost more than sorting.
    grouped.clear();
    for_each([&](const MentionHit& hit) { grouped.push_back(hit); });
    std::sort(grouped.begin(), grouped.end(),
              [](const MentionHit& a, const MentionHit& b) { return a.topic < b.topic; });
    return;
  }
  scratch.assign(slots + 1, 0);
  for_each([&](const MentionHit& hit) { ++scratch[slot(hit) + 1]; });
  for (std::size_t i = 1; i <= slots; ++i) scratch[i] += scratch[i - 1];
  grouped.resize(part.size());
  for_each([&](const MentionHit& hit) { grouped[scratch[slot(hit)]++] = hit; });
}

}  // namespace tagswell
