// Small numbers for the names of topics, in order of first appearance. The hash is keyed by the process (TextHash).
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/name_index.h"
#include "proto/post_codec.h"
#include "storage/text_map.h"

namespace tagswell {

class TopicNumbers {
 public:
  // Finds or makes.
  std::uint32_t NumberOf(std::string_view name);
  std::optional<std::uint32_t> Find(std::string_view name) const;

  // Brings into the cache what NumberOf reads for the topics of these records, and calls known(number) for those that
  // have one (or, seldom, whose hash is like that of another). Most of its time would go into waiting for memory: many
  // waits at once take little longer than one.
  template <class Known>
  void Prefetch(std::span<const Record> records, Known known) const;

  const std::string& name(std::uint32_t number) const { return names_[number]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(names_.size()); }

 private:
  NameIndex index_;
  std::vector<std::string> names_;
};

template <class Known>
void TopicNumbers::Prefetch(std::span<const Record> records, Known known) const {
  for (const Record& record : records) {
    for (const Mention& mention : record.post.mentions) index_.Prefetch(TextHash()(mention.topic));
  }
  for (const Record& record : records) {
    for (const Mention& mention : record.post.mentions) {
      const auto number = index_.Find(TextHash()(mention.topic), [](std::uint32_t) { return true; });
      if (!number) continue;
      __builtin_prefetch(&names_[*number]);
      known(*number);
    }
  }
}

// Puts `places`, ascending places of rows, into an order in which those of a topic stand together, topics by number,
// places of one ascending. `topic_of(place)` is below `topics`. O(places + topics).
template <class TopicOf>
std::vector<std::uint32_t> GroupByTopic(const std::vector<std::uint32_t>& places, std::uint32_t topics,
                                        TopicOf topic_of) {
  std::vector<std::uint32_t> next(topics + 1, 0);
  for (const std::uint32_t place : places) ++next[topic_of(place) + 1];
  for (std::size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  std::vector<std::uint32_t> order(places.size());
  for (const std::uint32_t place : places) order[next[topic_of(place)]++] = place;
  return order;
}

}  // namespace tagswell
