// The mentions and posts of minutes that may still get more, kept until the watermark has passed them. 24 bytes a
// mention. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "proto/segmented_vector.h"
#include "trend/mention_hit.h"
#include "trend/scope_states.h"

namespace tagswell {

class OpenMinutes {
 public:
  // The mentions of a minute lie in so many parts, all of a topic in the same one: a full minute can then be closed
  // part by part, each small enough to stay in the cache.
  static constexpr std::size_t kParts = 64;

  using Hits = SegmentedVector<MentionHit, 128>;

  struct Content {
    std::array<Hits, kParts> parts;
    std::vector<ComboPosts> posts;  // of combinations that had any
  };

  void AddPost(Minute minute, ComboId combo);
  void AddMention(Minute minute, const MentionHit& hit) { Of(minute).parts[PartOf(hit.topic)].push_back(hit); }

  // Takes back what was added; nothing happens when it is not there.
  void RemovePost(Minute minute, ComboId combo);
  void RemoveMention(Minute minute, const MentionHit& hit);

  void RemoveTopic(TopicId topic);

  // Empty content when the minute had nothing.
  Content Take(Minute minute);

  std::size_t memory_bytes() const;
  void Save(StateWriter& out) const;
  void Load(StateReader& in);

 private:
  struct Open {
    Minute minute;
    std::array<Hits, kParts> parts;
    std::vector<std::uint32_t> posts;  // by combination
  };
  static std::size_t PartOf(TopicId topic) { return Index(topic) % kParts; }
  Open* Find(Minute minute);
  Open& Of(Minute minute);

  std::vector<Open> minutes_;  // two or three; the one used last is last
};

// The hits of one part, those of a topic side by side. `scratch` is reused.
void GroupByTopic(const OpenMinutes::Hits& part, std::vector<MentionHit>& grouped, std::vector<std::uint32_t>& scratch);

}  // namespace tagswell
